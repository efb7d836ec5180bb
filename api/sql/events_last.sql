-- why: the latest entries of the ledger, newest first
SELECT entry, body FROM ledger ORDER BY entry DESC LIMIT %(limit)s
