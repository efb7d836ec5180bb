-- why: the streets, as they came and as they are used
INSERT INTO roads (name, source, network) VALUES (%(name)s, %(source)s, %(network)s)
