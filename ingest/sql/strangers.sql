-- why: names made up by gateways nobody registered are counted apart only as long as they are few
SELECT day, gateway
FROM quarantine_counts
WHERE reason = 'unknown_gateway' AND day = ANY (%(days)s::date[])
