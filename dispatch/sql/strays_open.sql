-- why: what is still to be recorded, in the order it was decided
SELECT digest, stream, entry, kind, at, body FROM ledger_strays WHERE imported_at IS NULL
ORDER BY stream, entry LIMIT 100;
