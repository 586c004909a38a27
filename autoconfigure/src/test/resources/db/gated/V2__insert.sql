INSERT INTO effect (name) VALUES ('V2');
