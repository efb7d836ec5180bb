-- why: each change by an administrator says who, when and what
INSERT INTO admin_log (at, who, what, noun, code, changed, before, after, detail)
VALUES (%(at)s, %(who)s, %(what)s, %(noun)s, %(code)s, %(changed)s, %(before)s, %(after)s, %(detail)s)
