-- why: position keeps the pack's order: of two leaders the first is asked first
INSERT INTO duties (position, person, duty, scope) VALUES (%(position)s, %(person)s, %(duty)s, %(scope)s)
