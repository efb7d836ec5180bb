-- why: whole chunks whose readings are all too old
SELECT drop_chunks(%(relation)s::regclass, older_than => %(before)s::timestamptz)
