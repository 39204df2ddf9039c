-- The roles of database `platform`, and their rights. The server runs this file as the superuser at
-- its first start, and the job `postgres-schema` after each change of it or of a password. Running it
-- again is safe and sets the passwords to those in the files:
--   psql -v ON_ERROR_STOP=1 -U postgres -d platform -f 10-roles.sql

-- Without this check, a missing file would silently create a role that cannot log in.
\cd /run/secrets
\set complete `test -s postgres-owner-password -a -s postgres-app-password -a -s postgres-monitor-password && echo yes || echo no`
\if :complete
\else
DO $$ BEGIN RAISE EXCEPTION 'a password file in /run/secrets is missing or empty'; END $$;
\endif
\set owner_password `cat postgres-owner-password`
\set app_password `cat postgres-app-password`
\set monitor_password `cat postgres-monitor-password`

BEGIN;

-- The owner of schema public could plant functions there that the superuser would call.
SET LOCAL search_path = pg_catalog;

-- Keep the passwords out of the server's log and statistics, even when a statement fails.
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_error_statement = 'panic';
SET LOCAL pg_stat_statements.track = 'none';

-- Create the missing roles; ALTER ROLE then sets their attributes.
SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['platform_owner', 'platform_app', 'platform_monitor']) AS name
WHERE name NOT IN (SELECT rolname FROM pg_roles)
\gexec

ALTER ROLE platform_owner
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'owner_password';
ALTER ROLE platform_app
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'app_password';
ALTER ROLE platform_monitor
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'monitor_password';

-- The backend gives up after 3 s; this ends the query soon after.
ALTER ROLE platform_app SET statement_timeout = '5s';
ALTER ROLE platform_app SET idle_in_transaction_session_timeout = '10s';
-- Health checks and scrapes give up sooner than this too.
ALTER ROLE platform_monitor SET statement_timeout = '10s';
GRANT pg_monitor TO platform_monitor;

-- Roles get no rights by default: connecting and creating must be granted.
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

ALTER DATABASE :"DBNAME" OWNER TO platform_owner;
ALTER SCHEMA public OWNER TO platform_owner;
GRANT CONNECT ON DATABASE :"DBNAME" TO platform_app, platform_monitor;
GRANT USAGE ON SCHEMA public TO platform_app, platform_monitor;

COMMIT;
