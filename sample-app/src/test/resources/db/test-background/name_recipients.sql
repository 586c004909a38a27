-- headlock: table = parcel
-- headlock: since = 5
-- headlock: where = recipient <> upper(recipient)
UPDATE parcel SET recipient = upper(recipient) WHERE ${batch}
