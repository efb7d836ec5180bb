-- why: the last entry the database has, to go on from there
SELECT entry, digest FROM ledger ORDER BY entry DESC LIMIT 1;
