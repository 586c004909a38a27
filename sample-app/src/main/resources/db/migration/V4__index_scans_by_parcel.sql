-- Alone in its file: this statement cannot run in a transaction, and Flyway sees that.
CREATE INDEX CONCURRENTLY scan_parcel_id_scanned_at ON scan (parcel_id, scanned_at);
