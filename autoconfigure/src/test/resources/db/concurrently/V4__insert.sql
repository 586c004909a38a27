INSERT INTO effect (name) VALUES ('V4');
