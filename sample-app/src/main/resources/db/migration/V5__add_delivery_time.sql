ALTER TABLE parcel ADD COLUMN delivered_at timestamptz;

UPDATE parcel
SET delivered_at = scan.scanned_at
FROM scan
WHERE scan.parcel_id = parcel.id AND scan.event = 'delivered';

ALTER TABLE parcel ADD CONSTRAINT parcel_delivered_after_created CHECK (delivered_at >= created_at);

-- After so many new rows the server's estimates are wrong until autovacuum comes, and with them the
-- percentage that is told of a background migration.
ANALYZE parcel;
