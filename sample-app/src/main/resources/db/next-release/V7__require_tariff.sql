-- Not part of this release: the next one would have this file in db/migration. bin/demo starts it
-- with spring.flyway.locations=classpath:db/migration,classpath:db/next-release
-- headlock: requires background fill_tariff

-- NOT VALID: rows that are written from here on are checked, and the table is not read.
ALTER TABLE parcel ADD CONSTRAINT parcel_has_tariff CHECK (tariff IS NOT NULL) NOT VALID;
