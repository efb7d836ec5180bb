-- why: the registry's grids, in the order of the pack's export
SELECT code, name, level, parent, polygon FROM grids ORDER BY code
