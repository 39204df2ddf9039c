-- What a server may have that a copy to another version must not lose.

CREATE ROLE reports_owner NOLOGIN;
CREATE ROLE reports_a LOGIN NOINHERIT CONNECTION LIMIT 7 PASSWORD 'a password';
CREATE ROLE "Odd 'name'";
GRANT reports_owner TO reports_a;
GRANT SET ON PARAMETER log_statement TO reports_a;
COMMENT ON ROLE reports_a IS 'of the reports';
ALTER ROLE reports_a SET statement_timeout = '7s';
CREATE DATABASE reports OWNER reports_owner TEMPLATE template0 ENCODING 'UTF8';
ALTER ROLE reports_a IN DATABASE reports SET role = 'reports_owner';
ALTER DATABASE reports SET work_mem = '3MB';
ALTER DATABASE reports SET default_transaction_read_only = on;
ALTER DATABASE reports CONNECTION LIMIT 50;
REVOKE ALL ON DATABASE reports FROM PUBLIC;
GRANT CONNECT ON DATABASE reports TO reports_a;
COMMENT ON DATABASE reports IS 'The database of the service reports.';
CREATE DATABASE "Odd = 'name'" LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE TABLE public.in_postgres AS SELECT 1 AS one;
ALTER SYSTEM SET log_min_messages = 'warning';

\connect reports
SET search_path = public;
SET default_transaction_read_only = off;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION hstore;
ALTER SCHEMA public OWNER TO reports_owner;
CREATE SCHEMA archive AUTHORIZATION reports_owner;
SET ROLE reports_owner;
CREATE TYPE kind AS ENUM ('small', 'large');
CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number serial UNIQUE,
    text text COLLATE "en_US.utf8" NOT NULL DEFAULT 'nothing',
    kind kind,
    share percent,
    at timestamptz NOT NULL DEFAULT now(),
    amount double precision,
    raw bytea,
    tags hstore,
    more jsonb,
    doubled bigint GENERATED ALWAYS AS (id * 2) STORED
);
ALTER TABLE orders ADD COLUMN dropped int;
ALTER TABLE orders DROP COLUMN dropped;
ALTER TABLE orders ADD COLUMN last interval;
INSERT INTO orders (text, kind, share, at, amount, raw, tags, more, last)
SELECT md5(n::text), CASE n % 2 WHEN 0 THEN 'small' ELSE 'large' END::kind, n % 100, timestamptz 'epoch' + n * interval '1 day',
       n / 3.0, decode(md5(n::text), 'hex'), hstore('n', n::text), jsonb_build_object('n', n), n * interval '1 hour'
FROM generate_series(1, 5000) AS n;
CREATE INDEX orders_trigram ON orders USING gin (text gin_trgm_ops);
CREATE TABLE named (content text, "content.*" int);
INSERT INTO named VALUES ('same', 1);
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE days (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE days_old PARTITION OF days FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE days_new PARTITION OF days FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
INSERT INTO days SELECT date '2025-12-01' + n, n FROM generate_series(1, 60) AS n;
CREATE VIEW large AS SELECT * FROM orders WHERE kind = 'large';
CREATE MATERIALIZED VIEW stale AS SELECT now() AS at, count(*) FROM orders;
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE SECURITY DEFINER AS 'SELECT 2 * $1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.amount := -1; RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING (id > 0);
CREATE SEQUENCE archive.unused START 40;
CREATE SEQUENCE archive.used;
SELECT setval('archive.used', 41);
CREATE STATISTICS together ON kind, share FROM orders;
GRANT SELECT, INSERT ON orders TO "Odd 'name'";
GRANT SELECT (text) ON orders TO reports_a WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION twice TO "Odd 'name'";
ALTER DEFAULT PRIVILEGES IN SCHEMA archive GRANT SELECT ON TABLES TO "Odd 'name'";
COMMENT ON TABLE orders IS 'What was ordered.';
COMMENT ON COLUMN orders.amount IS 'In euros; it''s net.';
COMMENT ON SCHEMA archive IS 'Old.';
SELECT lo_from_bytea(4242, convert_to(repeat('large ', 2000), 'UTF8'));
COMMENT ON LARGE OBJECT 4242 IS 'A picture.';
RESET ROLE;
CREATE PUBLICATION everything FOR ALL TABLES;
