-- why: a restart must not forget how long was listened
SELECT since, until FROM listening WHERE until > %(after)s ORDER BY since
