-- why: pictures are kept for so long and no longer; the ledger goes on naming them
DELETE FROM photos WHERE at < %(before)s
