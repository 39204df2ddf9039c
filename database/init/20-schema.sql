-- The schema of database `platform`. Run by the server's first start; safe to run again:
--   psql -v ON_ERROR_STOP=1 -U platform_owner -d platform -f 20-schema.sql

BEGIN;
SET LOCAL ROLE platform_owner;
SET LOCAL client_min_messages = 'warning'; -- no notice for what is there already

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

-- The list of decisions, newest first, from any place in it.
CREATE INDEX IF NOT EXISTS decisions_newest ON decisions (created_at DESC, id DESC);

-- What was decided is never changed nor taken back.
GRANT SELECT, INSERT ON decisions TO platform_app;

COMMIT;
