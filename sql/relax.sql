-- This transaction need not wait until its audit row is on disk: it changed nothing and told nothing of Odoo's data. A
-- crash of the server within the next moments (three times wal_writer_delay) can lose the row.
SELECT pg_catalog.set_config('synchronous_commit', 'off', true)
