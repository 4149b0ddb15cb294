-- Two roles for one node on PostgreSQL, named for its database: `brug_westerlo_owner` makes and changes the tables of
-- `brug_westerlo`, `brug_westerlo_app` works in them. The worker and the pages connect as the latter, which may add to
-- the ledger and read it, and neither change nor remove anything there. No role comes into the database of another node.
-- Run as a superuser in the node's database, before the first `brug manage migrate` (done as its owner) and after each:
--     psql -d brug_westerlo -v ON_ERROR_STOP=1 -f deploy/postgresql.sql
DO $$
DECLARE
    place text := current_database();
    owner text := place || '_owner';
    app text := place || '_app';
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN EXECUTE format('CREATE ROLE %I LOGIN', owner); END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN EXECUTE format('CREATE ROLE %I LOGIN', app); END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', place);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I, %I', place, owner, app);
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA public TO %I', owner);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', app);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', app);
    IF to_regclass('django_migrations') IS NULL THEN RETURN; END IF;  -- no tables yet
    -- The ledger: an entry gets its place once, a tile grows (triggers see to it); all else stays as it was written.
    EXECUTE format(
        'REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_tile, ledger_checkpoint, ledger_cosignature,'
        ' ledger_witnessed, ledger_conflict FROM %I', app);
    EXECUTE format('GRANT UPDATE (leaf) ON ledger_entry TO %I', app);
    EXECUTE format('GRANT UPDATE (hashes) ON ledger_tile TO %I', app);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON django_migrations FROM %I', app);
END $$;
