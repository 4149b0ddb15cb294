-- Two roles for one node on PostgreSQL: `brug_owner` makes and changes tables, `brug_app` works in them. The worker and
-- the pages connect as `brug_app`, which may add to the ledger and read it, and neither change nor remove anything there.
-- Run as a superuser in the node's database, before the first `brug manage migrate` (done as brug_owner) and after each:
--     psql -d brug -v ON_ERROR_STOP=1 -f deploy/postgresql.sql
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brug_owner') THEN CREATE ROLE brug_owner LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'brug_app') THEN CREATE ROLE brug_app LOGIN; END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO brug_owner;
GRANT USAGE ON SCHEMA public TO brug_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO brug_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO brug_app;
-- The ledger: an entry gets its place once, a tile grows (triggers see to it); everything else stays as it was written.
DO $$ BEGIN
    IF to_regclass('django_migrations') IS NULL THEN RETURN; END IF;  -- no tables yet
    REVOKE UPDATE, DELETE, TRUNCATE ON
        ledger_entry, ledger_tile, ledger_checkpoint, ledger_cosignature, ledger_witnessed, ledger_conflict FROM brug_app;
    GRANT UPDATE (leaf) ON ledger_entry TO brug_app;
    GRANT UPDATE (hashes) ON ledger_tile TO brug_app;
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON django_migrations FROM brug_app;
END $$;
