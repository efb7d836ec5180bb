-- why: a pack replaces them all
DELETE FROM closures
