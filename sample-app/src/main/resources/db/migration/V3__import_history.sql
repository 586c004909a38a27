-- Stands for the slow kind of migration, one that moves data. Nothing in it would notice
-- if it ran a second time: that it runs once is the work of the lock and of the history.
-- How much it moves is a placeholder of Flyway, which application.yaml gives a value.

INSERT INTO parcel (tracking_number, recipient, weight_grams, origin_id, created_at)
SELECT 'HL' || lpad(nextval('tracking_number_seq')::text, 9, '0'),
       'Recipient ' || number,
       100 + number * 7919 % 31000,
       1 + number % 25,
       timestamptz '2025-01-01 06:00+00' + number * interval '2 minutes'
FROM generate_series(1, ${imported_parcels}) AS number;

INSERT INTO scan (parcel_id, depot_id, event, scanned_at)
SELECT parcel.id,
       1 + (parcel.origin_id + step * 3) % 25,
       (ARRAY['accepted', 'sorted', 'loaded', 'delivered'])[step],
       parcel.created_at + step * interval '7 hours'
FROM parcel, generate_series(1, 4) AS step
-- the old system has kept the scans of its last 40000 parcels
WHERE parcel.id > ${imported_parcels} - 40000
-- every eighth parcel is still on its way
AND (step < 4 OR parcel.id % 8 <> 0);
