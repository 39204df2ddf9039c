-- Removes the decisions that are older than `data.decisions.retention`. The job `postgres-retention`
-- runs this file every hour, as the owner of the table. Running it again is safe:
--   psql -v ON_ERROR_STOP=1 -v age='90 days' -U platform_owner -d platform -f retention.sql

SELECT set_config('retention.age', :'age', false) \g /dev/null

-- Small transactions: locks are short, standbys keep up, and an end halfway loses little. The index
-- decisions_newest has the oldest rows at its end.
DO $$
DECLARE
    batch constant integer := 1000;
    oldest constant timestamptz := now() - current_setting('retention.age')::interval;
    removed bigint;
    total bigint := 0;
BEGIN
    LOOP
        DELETE FROM decisions WHERE id IN (
            SELECT id FROM decisions WHERE created_at < oldest ORDER BY created_at, id LIMIT batch
        );
        GET DIAGNOSTICS removed = ROW_COUNT;
        COMMIT;
        total := total + removed;
        EXIT WHEN removed < batch;
        -- Leave the disk to the services for a moment.
        PERFORM pg_sleep(0.1);
    END LOOP;
    RAISE NOTICE '% decisions removed', total;
END;
$$;
