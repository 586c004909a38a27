-- headlock: requires background fill_tariff

-- VALIDATE reads the whole table while others write to it. SET NOT NULL, which nobody may write
-- beside, finds the constraint and reads nothing.
ALTER TABLE parcel VALIDATE CONSTRAINT parcel_has_tariff;
ALTER TABLE parcel ALTER COLUMN tariff SET NOT NULL;
ALTER TABLE parcel DROP CONSTRAINT parcel_has_tariff;
