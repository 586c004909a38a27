-- Where the application has a role of its own, it may write to the tables from here on.
-- Flyway's history table is older: that one it may only read.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'parcels_application') THEN
        ALTER DEFAULT PRIVILEGES GRANT INSERT, UPDATE, DELETE ON TABLES TO parcels_application;
        ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO parcels_application;
    END IF;
END $$;

CREATE TABLE depot (
    id   integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{3}[0-9]{2}$'),
    city text NOT NULL
);

INSERT INTO depot (code, city)
SELECT left(upper(city), 3) || lpad(number::text, 2, '0'), city
FROM unnest(ARRAY['Aachen', 'Bremen', 'Chemnitz', 'Dresden', 'Erfurt']) AS city, generate_series(1, 5) AS number;

CREATE TABLE parcel (
    id              bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    tracking_number text NOT NULL UNIQUE CHECK (tracking_number ~ '^[A-Z]{2}[0-9]{9}$'),
    recipient       text NOT NULL,
    weight_grams    integer NOT NULL CHECK (weight_grams BETWEEN 1 AND 31500),
    origin_id       integer NOT NULL REFERENCES depot,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE SEQUENCE tracking_number_seq START 500000000;
