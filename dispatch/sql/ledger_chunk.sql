-- why: the next entries, as they were written, so many at a time
SELECT entry, prev, digest, body FROM ledger WHERE entry > %(entry)s ORDER BY entry LIMIT %(limit)s;
