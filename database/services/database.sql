-- The database of one service: its owner, its two login roles, and their rights. The job
-- `postgres-databases` includes this file once for each service, as the superuser. Running it again is
-- safe; it sets the passwords to those in the files. These variables say which database it is:
--   service, database, connections, statement_timeout, idle_timeout (seconds, 0 for none), and
--   extensions (separated by commas)

\set owner :database _owner
\set login_a :database _a
\set login_b :database _b

-- Without this check, a missing file would silently create a role that cannot log in.
\cd /run/secrets
\set file_a postgres- :service -a-password
\set file_b postgres- :service -b-password
\set complete `test -s :'file_a' -a -s :'file_b' && echo yes || echo no`
\if :complete
\else
DO $$ BEGIN RAISE EXCEPTION 'a password file in /run/secrets is missing or empty'; END $$;
\endif
\set password_a `cat :'file_a'`
\set password_b `cat :'file_b'`

SELECT coalesce(string_agg(name, ', '), '') AS missing, count(*) > 0 AS incomplete
FROM unnest(string_to_array(:'extensions', ',')) AS name
WHERE name NOT IN (SELECT name FROM pg_available_extensions)
\gset
\if :incomplete
\warn 'The server does not have the extension' :missing 'of api.services.':service'.database.extensions.'
\warn 'Remove it from the list, or use an image of PostgreSQL that has it.'
DO $$ BEGIN RAISE EXCEPTION 'the server does not have an extension that a service needs'; END $$;
\endif

BEGIN;

-- Keep the passwords out of the server's log and statistics, even when a statement fails.
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_error_statement = 'panic';
SET LOCAL pg_stat_statements.track = 'none';

-- Create the missing roles; ALTER ROLE then sets their attributes.
SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY[:'owner', :'login_a', :'login_b']) AS name
WHERE name NOT IN (SELECT rolname FROM pg_roles)
\gexec

ALTER ROLE :"owner"
    NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- A login role inherits nothing, so it can create nothing that would belong to itself.
ALTER ROLE :"login_a"
    LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT :connections PASSWORD :'password_a';
ALTER ROLE :"login_b"
    LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT :connections PASSWORD :'password_b';
SET LOCAL client_min_messages = 'warning'; -- no notices about existing memberships
GRANT :"owner" TO :"login_a", :"login_b";

COMMIT;

-- A database cannot be created in a transaction. Until its rights are set, it is empty.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', name, :'owner')
FROM (SELECT :'database' AS name) AS missing
WHERE name NOT IN (SELECT datname FROM pg_database)
\gexec

BEGIN;

ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"login_a", :"login_b";
SELECT 'The database of the service ' || :'service' || '.' AS comment
\gset
COMMENT ON DATABASE :"database" IS :'comment';

-- Each session of a login role starts as the owner. Both create the same objects, and RESET ROLE,
-- RESET ALL and DISCARD ALL return to the owner.
ALTER ROLE :"login_a" IN DATABASE :"database" SET role = :'owner';
ALTER ROLE :"login_b" IN DATABASE :"database" SET role = :'owner';
\set value :statement_timeout s
ALTER ROLE :"login_a" IN DATABASE :"database" SET statement_timeout = :'value';
ALTER ROLE :"login_b" IN DATABASE :"database" SET statement_timeout = :'value';
\set value :idle_timeout s
ALTER ROLE :"login_a" IN DATABASE :"database" SET idle_in_transaction_session_timeout = :'value';
ALTER ROLE :"login_b" IN DATABASE :"database" SET idle_in_transaction_session_timeout = :'value';

-- From version 1.29 on, CloudNativePG collects metrics with a separate role.
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'database', rolname)
FROM pg_roles WHERE rolname = 'cnpg_metrics_exporter'
\gexec

COMMIT;

\connect :database

BEGIN;
SET LOCAL client_min_messages = 'warning'; -- no notices about existing schemas and extensions
-- An application may have dropped it.
CREATE SCHEMA IF NOT EXISTS public;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"owner";
SELECT format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA public', name)
FROM unnest(string_to_array(:'extensions', ',')) AS name
\gexec
COMMIT;
