-- why: the picture itself
SELECT type, digest, content FROM photos WHERE id = %(id)s
