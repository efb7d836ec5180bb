-- why: grows with every change of a password or a gateway, so that the broker's files are written again only then
SELECT (SELECT version FROM access_version), (SELECT version FROM registry_version)
