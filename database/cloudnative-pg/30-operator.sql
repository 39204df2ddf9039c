-- CloudNativePG's own roles, which 10-roles.sql shut out of the databases with everybody else. Safe
-- to run again:
--   psql -v ON_ERROR_STOP=1 -U postgres -d platform -f 30-operator.sql

-- By this database a primary that has been away asks for its successor, to follow it.
GRANT CONNECT ON DATABASE postgres TO streaming_replica;

-- Figures are collected by a role of their own from version 1.29 on.
SELECT format('GRANT CONNECT ON DATABASE postgres, %I TO %I', current_database(), rolname)
FROM pg_roles WHERE rolname = 'cnpg_metrics_exporter'
\gexec
