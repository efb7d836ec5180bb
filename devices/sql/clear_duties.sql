-- why: duties have no codes of their own: a pack replaces them all
DELETE FROM duties
