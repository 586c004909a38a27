-- Stands for the slow kind of migration, one that moves data. Nothing in it would notice
-- if it ran a second time: that it runs once is the work of the lock and of the history.

INSERT INTO parcel (tracking_number, recipient, weight_grams, origin_id, created_at)
SELECT 'HL' || lpad(nextval('tracking_number_seq')::text, 9, '0'),
       'Recipient ' || number,
       100 + number * 7919 % 31000,
       1 + number % 25,
       timestamptz '2025-01-01 06:00+00' + number * interval '5 minutes'
FROM generate_series(1, 40000) AS number;

INSERT INTO scan (parcel_id, depot_id, event, scanned_at)
SELECT parcel.id,
       1 + (parcel.origin_id + step * 3) % 25,
       (ARRAY['accepted', 'sorted', 'loaded', 'delivered'])[step],
       parcel.created_at + step * interval '7 hours'
FROM parcel, generate_series(1, 4) AS step
-- every eighth parcel is still on its way
WHERE step < 4 OR parcel.id % 8 <> 0;
