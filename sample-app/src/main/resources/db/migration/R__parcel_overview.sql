-- Repeatable: runs again whenever this file changes.
DROP VIEW IF EXISTS parcel_overview;

CREATE VIEW parcel_overview AS
SELECT parcel.id,
       parcel.tracking_number,
       parcel.recipient,
       parcel.weight_grams,
       depot.code AS origin,
       parcel.created_at,
       parcel.delivered_at,
       parcel.tariff,
       coalesce(last_scan.event, 'announced') AS status
FROM parcel
JOIN depot ON depot.id = parcel.origin_id
LEFT JOIN LATERAL (
    SELECT event FROM scan WHERE scan.parcel_id = parcel.id ORDER BY scanned_at DESC LIMIT 1
) AS last_scan ON true;
