-- why: the number by which a role knows that its snapshot is old
SELECT version FROM registry_version
