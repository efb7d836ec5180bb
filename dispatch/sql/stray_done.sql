-- why: it stands in the ledger now
UPDATE ledger_strays SET imported_at = %(at)s WHERE digest = ANY(%(digests)s);
