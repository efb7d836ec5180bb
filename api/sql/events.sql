-- why: what was decided after an entry of the ledger, in order
SELECT entry, body FROM ledger WHERE entry > %(after)s ORDER BY entry LIMIT %(limit)s
