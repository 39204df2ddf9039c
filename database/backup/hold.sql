-- What the backup part may do in the database that psql is connected to, as the superuser. Running it again
-- is safe. 40-backup.sql includes it for every database, and the job `postgres-databases` for each that it
-- creates.

BEGIN;

-- The owner of the database could plant functions in its own schemas that the superuser would call.
SET LOCAL search_path = pg_catalog;
SET LOCAL client_min_messages = 'warning'; -- no notices about existing schemas

GRANT CONNECT ON DATABASE :"DBNAME" TO platform_backup;

CREATE SCHEMA IF NOT EXISTS platform_backup;
-- The owner of a schema may replace its functions, and this one runs as the superuser.
DO $$
BEGIN
    IF (SELECT nspowner <> current_user::regrole FROM pg_namespace WHERE nspname = 'platform_backup') THEN
        RAISE EXCEPTION 'the database % has a schema platform_backup of its own: rename it, because the '
            'platform needs the name', current_database();
    END IF;
END;
$$;
REVOKE ALL ON SCHEMA platform_backup FROM PUBLIC;
GRANT USAGE ON SCHEMA platform_backup TO platform_backup;

-- Keeps writers of the database waiting until the caller's transaction ends, so that a drill knows what
-- the tables have at one position of the write-ahead log.
CREATE OR REPLACE FUNCTION platform_backup.hold() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
SET lock_timeout = 0
AS $$
DECLARE
    -- Less than deadlock_timeout, whose default is 1 s: whoever waits for one of these locks while the
    -- caller waits for its own must not be ended as the victim of a deadlock.
    budget constant interval := '500 milliseconds';
    deadline constant timestamptz := clock_timestamp() + budget;
    holder record;
    relation record;
BEGIN
    -- What keeps a lock for long, such as autovacuum, would keep writers waiting behind the caller, which comes
    -- again later. An autovacuum of more than a minute is ended, as by any other that waits for its lock.
    SELECT pid, backend_type, format('%I.%I', nspname, relname) AS name,
           backend_type = 'autovacuum worker' AND xact_start < now() - interval '1 minute'
               AND query NOT LIKE '%(to prevent wraparound)' AS ends
    INTO holder
    FROM pg_locks JOIN pg_class ON pg_class.oid = pg_locks.relation JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_stat_activity USING (pid)
    WHERE granted AND pid <> pg_backend_pid() AND nspname !~ '^pg_'
      AND mode IN ('ShareUpdateExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND relkind IN ('r', 'p') AND relpersistence = 'p' AND datid = database
      AND datname = current_database()
    ORDER BY pid LIMIT 1;
    IF FOUND THEN
        PERFORM pg_cancel_backend(holder.pid) WHERE holder.ends;
        RAISE lock_not_available USING
            MESSAGE = format('lock timeout: %s is locked by the %s %s', holder.name, holder.backend_type, holder.pid);
    END IF;
    -- A caller that is gone lets writers go on. It has not much to do while they wait.
    PERFORM set_config('idle_in_transaction_session_timeout', '10s', false);
    FOR relation IN
        SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        -- Temporary and unlogged tables are in no backup.
        WHERE relkind IN ('r', 'p') AND relpersistence = 'p'
          AND nspname <> 'information_schema' AND nspname !~ '^pg_'
        ORDER BY pg_class.oid
    LOOP
        PERFORM set_config(
            'lock_timeout',
            greatest(extract(epoch FROM deadline - clock_timestamp()) * 1000, 1)::integer::text,
            true
        );
        EXECUTE format('LOCK TABLE ONLY %I.%I IN SHARE MODE', relation.nspname, relation.relname);
    END LOOP;
END;
$$;
REVOKE ALL ON FUNCTION platform_backup.hold() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform_backup.hold() TO platform_backup;

COMMIT;
