-- why: the free text that entries of a timeline name by digest
SELECT digest, note FROM ledger_notes WHERE digest = ANY (%(digests)s)
