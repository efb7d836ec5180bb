-- why: taken first in every change: whoever changes the registry has this row until the end of the transaction
UPDATE registry_version SET version = version + 1 RETURNING version
