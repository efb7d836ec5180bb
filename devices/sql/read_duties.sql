-- why: in the pack's order: of two leaders of a grid the first is asked first
SELECT person, duty, scope FROM duties ORDER BY position
