-- why: entries are added; the same number twice is an error that must be seen
INSERT INTO ledger (entry, at, kind, body, prev, digest)
SELECT * FROM unnest(%(entries)s::bigint[], %(ats)s::timestamptz[], %(kinds)s::text[], %(bodies)b::bytea[],
    %(prevs)b::bytea[], %(digests)b::bytea[]);
