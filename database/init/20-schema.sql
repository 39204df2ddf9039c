-- The schema of database `platform`. The server runs this file at its first start, and the job
-- `postgres-schema` after each change of it. Running it again is safe:
--   psql -v ON_ERROR_STOP=1 -U platform_owner -d platform -f 20-schema.sql

BEGIN;
SET LOCAL ROLE platform_owner;
SET LOCAL search_path = public; -- not before: a superuser calls no function of it
SET LOCAL client_min_messages = 'warning'; -- no notices about existing objects

CREATE TABLE IF NOT EXISTS decisions (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    source text NOT NULL,
    observation jsonb NOT NULL,
    label text NOT NULL,
    confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    outcome text NOT NULL CHECK (outcome IN ('accept', 'review')),
    model text NOT NULL,
    latency_ms double precision NOT NULL CHECK (latency_ms >= 0)
);

-- For pages of decisions, newest first. CREATE INDEX would wait for open transactions even if the index
-- exists, and every insert would wait behind it.
SELECT 'CREATE INDEX decisions_newest ON decisions (created_at DESC, id DESC)'
WHERE pg_catalog.to_regclass('public.decisions_newest') IS NULL
\gexec

-- The application neither updates nor deletes decisions.
GRANT SELECT, INSERT ON decisions TO platform_app;

COMMIT;
