-- why: what is applied is compared with the files, in their order
SELECT number, name, digest FROM migrations ORDER BY number
