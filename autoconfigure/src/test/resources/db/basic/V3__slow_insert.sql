SELECT pg_sleep(0.5);
INSERT INTO effect (name) VALUES ('V3');
