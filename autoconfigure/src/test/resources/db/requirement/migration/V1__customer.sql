CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text, times int NOT NULL DEFAULT 0);
INSERT INTO customer SELECT i, 'first', 'last' FROM generate_series(1, 100) i;
