-- Rights for CloudNativePG's own roles: 10-roles.sql revoked the default rights of all roles. Running
-- this file again is safe:
--   psql -v ON_ERROR_STOP=1 -U postgres -d platform -f 30-operator.sql

-- The owner of schema public could plant functions there that the superuser would call.
SET search_path = pg_catalog;

-- A former primary that returns connects to this database on the new primary, to follow it.
GRANT CONNECT ON DATABASE postgres TO streaming_replica;

-- From version 1.29 on, the operator collects metrics with a separate role.
SELECT format('GRANT CONNECT ON DATABASE postgres, %I TO %I', current_database(), rolname)
FROM pg_roles WHERE rolname = 'cnpg_metrics_exporter'
\gexec
