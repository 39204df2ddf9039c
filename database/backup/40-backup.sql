-- The role of the backup part, and its rights in every database. The job `postgres-schema` runs this file
-- as the superuser, after each change of it or of the password. Running it again is safe and sets the
-- password to that in the file:
--   psql -v ON_ERROR_STOP=1 -U postgres -d platform -f 40-backup.sql

\cd /run/secrets
\set complete `test -s postgres-backup-password && echo yes || echo no`
\if :complete
\else
DO $$ BEGIN RAISE EXCEPTION 'a password file in /run/secrets is missing or empty'; END $$;
\endif
\set backup_password `cat postgres-backup-password`

BEGIN;

-- The owner of schema public could plant functions there that the superuser would call.
SET LOCAL search_path = pg_catalog;

-- Keep the password out of the server's log and statistics, even when a statement fails.
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_error_statement = 'panic';
SET LOCAL pg_stat_statements.track = 'none';

SELECT 'CREATE ROLE platform_backup'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'platform_backup')
\gexec
-- Whoever may copy the server's files reads every row: a drill must not miss those that a policy hides.
ALTER ROLE platform_backup
    LOGIN REPLICATION BYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE
    PASSWORD :'backup_password';
-- It reads tables of services, whose functions it must not call.
ALTER ROLE platform_backup SET search_path = pg_catalog;
SET LOCAL client_min_messages = 'warning'; -- no notices about existing memberships
-- PostgreSQL 14 has fewer roles, and other names for two of the functions.
SELECT format('GRANT %I TO platform_backup', rolname) FROM pg_roles
WHERE rolname IN ('pg_monitor', 'pg_checkpoint', 'pg_read_all_data')
\gexec
SELECT format('GRANT EXECUTE ON FUNCTION %s TO platform_backup', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (
    'pg_backup_start', 'pg_backup_stop', 'pg_start_backup', 'pg_stop_backup',
    'pg_switch_wal', 'pg_create_restore_point'
)
\gexec

COMMIT;

-- All databases, also those that no service has any more.
\set first :DBNAME
\set database ''
\ir each-database.sql
\connect :"first"
