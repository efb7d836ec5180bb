-- why: up to where two ledgers are the same
SELECT entry, digest FROM ledger WHERE entry > %(after)s AND entry <= %(until)s ORDER BY entry DESC;
