-- headlock: requires background backfill
ALTER TABLE customer ALTER COLUMN full_name SET NOT NULL;
