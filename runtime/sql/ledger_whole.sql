-- why: the whole chain, read in order
SELECT entry, at, kind, prev, digest, body FROM ledger ORDER BY entry;
