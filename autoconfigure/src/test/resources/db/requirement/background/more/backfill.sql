-- headlock: table = customer
-- headlock: since = 2
-- headlock: where = full_name IS NULL
UPDATE customer SET full_name = concat_ws(' ', first_name, last_name), times = times + 1 WHERE ${batch};
