-- The two roles of docs/kubernetes.md: one owns the tables, the other cannot change them. May run
-- any number of times.
\getenv migrator_password MIGRATOR_PASSWORD
\getenv application_password APPLICATION_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['parcels_migrator', 'parcels_application']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE parcels_migrator PASSWORD :'migrator_password';
ALTER ROLE parcels_application PASSWORD :'application_password';
GRANT CREATE ON SCHEMA public TO parcels_migrator;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE parcels_migrator IN SCHEMA public
  GRANT SELECT ON TABLES TO parcels_application;
