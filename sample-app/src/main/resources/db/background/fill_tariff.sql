-- Worked on in small batches while the application serves, see docs/background-migrations.md.
-- The class Tariff has the same limits.
-- headlock: table = parcel
-- headlock: since = 6
-- headlock: where = tariff IS NULL
UPDATE parcel
SET tariff = CASE
        WHEN weight_grams <= 2000 THEN 'SMALL'
        WHEN weight_grams <= 10000 THEN 'STANDARD'
        ELSE 'HEAVY'
    END
WHERE ${batch}
