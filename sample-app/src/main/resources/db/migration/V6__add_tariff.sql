-- New parcels have a tariff from here on. Those that are there already get theirs while the
-- application serves: db/background/fill_tariff.sql
ALTER TABLE parcel ADD COLUMN tariff text;
