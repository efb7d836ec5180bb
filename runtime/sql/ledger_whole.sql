-- why: the whole chain, read in order
SELECT entry, body, prev, digest FROM ledger ORDER BY entry;
