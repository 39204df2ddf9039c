-- The role of services that read the platform's own database. The job `postgres-databases` includes
-- this file, as the superuser. Running it again is safe and sets the password to that in the file.

\cd /run/secrets
\set complete `test -s postgres-reader-password && echo yes || echo no`
\if :complete
\else
DO $$ BEGIN RAISE EXCEPTION 'a password file in /run/secrets is missing or empty'; END $$;
\endif
\set reader_password `cat postgres-reader-password`

BEGIN;

-- Keep the password out of the server's log and statistics, even when a statement fails.
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_error_statement = 'panic';
SET LOCAL pg_stat_statements.track = 'none';

SELECT 'CREATE ROLE platform_reader'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'platform_reader')
\gexec
ALTER ROLE platform_reader
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'reader_password';
ALTER ROLE platform_reader SET default_transaction_read_only = on;
-- A report may take longer than a request, but must not hold up vacuum for long.
ALTER ROLE platform_reader SET statement_timeout = '60s';
ALTER ROLE platform_reader SET idle_in_transaction_session_timeout = '60s';

-- All tables that exist, and all that the owner will create.
GRANT CONNECT ON DATABASE :"DBNAME" TO platform_reader;
SELECT format('GRANT USAGE ON SCHEMA %I TO platform_reader', nspname),
       format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO platform_reader', nspname)
FROM pg_namespace WHERE nspowner = 'platform_owner'::regrole
\gexec
ALTER DEFAULT PRIVILEGES FOR ROLE platform_owner GRANT USAGE ON SCHEMAS TO platform_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE platform_owner GRANT SELECT ON TABLES TO platform_reader;

COMMIT;
