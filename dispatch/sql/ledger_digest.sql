-- why: whether the database has this very entry
SELECT digest FROM ledger WHERE entry = %(entry)s;
