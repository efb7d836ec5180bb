-- why: whose picture it is and of what, without the picture
SELECT incident, by, digest FROM photos WHERE id = %(id)s
