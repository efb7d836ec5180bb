-- why: everything that happened in an incident, as the ledger has it
SELECT ledger.entry, ledger.body
FROM incident_entries JOIN ledger USING (entry)
WHERE incident_entries.incident = %(incident)s
ORDER BY ledger.entry
