-- why: everything that happened in an incident after an entry, as the ledger has it
SELECT ledger.entry, ledger.body, encode(ledger.digest, 'hex') AS digest
FROM incident_entries JOIN ledger USING (entry)
WHERE incident_entries.incident = %(incident)s AND incident_entries.entry > %(after)s::bigint
ORDER BY ledger.entry
