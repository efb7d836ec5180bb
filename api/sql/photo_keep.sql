-- why: a picture is kept before the ledger names it; the same one sent again is kept once
INSERT INTO photos (id, incident, of_order, by, at, taken_at, type, digest, content)
VALUES (%(id)s, %(incident)s, %(of_order)s, %(by)s, %(at)s, %(taken_at)s, %(type)s, %(digest)s, %(content)s)
ON CONFLICT (id) DO NOTHING
