CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL);
INSERT INTO effect (name) VALUES ('V1');
