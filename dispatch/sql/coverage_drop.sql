-- why: hours of coverage too old to be kept; a bounded number at a time
DELETE FROM coverage_hours WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM coverage_hours WHERE hour < %(before)s LIMIT %(many)s
))
