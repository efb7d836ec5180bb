-- why: entries a journal lacks, in order
SELECT entry, body, prev, digest FROM ledger WHERE entry > %(entry)s ORDER BY entry;
