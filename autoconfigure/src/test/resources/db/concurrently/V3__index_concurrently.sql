CREATE INDEX CONCURRENTLY effect_name ON effect (name);
