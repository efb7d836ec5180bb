-- why: the street file as it came, for export
SELECT name, source FROM roads
