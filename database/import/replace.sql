-- Empty the database that psql is connected to, for `make import` with REPLACE. It runs in the
-- transaction of the import, as the superuser: if the import fails, everything is as before.
-- The extensions stay; a dump that has some too finds them.

SET LOCAL client_min_messages = 'warning'; -- no notices about what goes with a schema
SET LOCAL lock_timeout = '30s'; -- a service that runs may hold locks
SELECT set_config('import.owner', :'owner', true);
DO $$
DECLARE
    owner text := current_setting('import.owner');
    extensions text[] := ARRAY(
        SELECT format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', extname, nspname)
        FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
        WHERE nspname = 'public'
    );
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
        WHERE pg_get_userbyid(nspowner) = owner AND nspname !~ '^pg_'
    LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('CREATE SCHEMA public AUTHORIZATION %I', owner);
    FOREACH statement IN ARRAY extensions LOOP
        EXECUTE statement;
    END LOOP;
    PERFORM lo_unlink(oid) FROM pg_largeobject_metadata WHERE pg_get_userbyid(lomowner) = owner;
END;
$$;
