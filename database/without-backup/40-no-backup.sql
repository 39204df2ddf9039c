-- Without the backup part (`data.backup: false`) its role may not log in, and the server keeps no write-ahead
-- log for it. The job `postgres-schema` runs this file as the superuser. Running it again is safe:
--   psql -v ON_ERROR_STOP=1 -U postgres -d platform -f 40-no-backup.sql

SELECT 'ALTER ROLE platform_backup NOLOGIN PASSWORD NULL'
FROM pg_catalog.pg_roles WHERE rolname = 'platform_backup'
\gexec
-- The part still runs while the job does. Its sessions end, and it cannot connect again.
SELECT pg_catalog.pg_terminate_backend(pid, 10000) FROM pg_catalog.pg_stat_activity
WHERE usename = 'platform_backup' \g /dev/null
SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
WHERE slot_name = 'backup' \g /dev/null
