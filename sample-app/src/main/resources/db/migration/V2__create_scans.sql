CREATE TABLE scan (
    id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    parcel_id  bigint NOT NULL REFERENCES parcel,
    depot_id   integer NOT NULL REFERENCES depot,
    event      text NOT NULL CHECK (event IN ('accepted', 'sorted', 'loaded', 'delivered')),
    scanned_at timestamptz NOT NULL DEFAULT now()
);
