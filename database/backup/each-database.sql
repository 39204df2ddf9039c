-- Runs hold.sql in each database whose name comes after that in the variable `database`. psql has no loops,
-- so this file includes itself.

SELECT coalesce(min(datname COLLATE "C"), '') AS database, count(*) > 0 AS more
FROM pg_catalog.pg_database
WHERE datallowconn AND NOT datistemplate AND datname > :'database'
\gset
\if :more
\connect :"database"
\ir hold.sql
\ir each-database.sql
\endif
