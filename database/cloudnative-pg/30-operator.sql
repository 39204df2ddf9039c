-- CloudNativePG's own roles, which 10-roles.sql shut out of the databases with everybody else. Safe
-- to run again:
--   psql -v ON_ERROR_STOP=1 -U postgres -d platform -f 30-operator.sql

-- Its figures are those of a role of their own from version 1.29 on.
SELECT format('GRANT CONNECT ON DATABASE %I, postgres TO %I', current_database(), rolname)
FROM pg_roles WHERE rolname = 'cnpg_metrics_exporter'
\gexec
