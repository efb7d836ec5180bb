-- why: what the desk decided long ago is in its ledger, and the item itself is kept as event or reading
DELETE FROM signals
WHERE (id, received_at) IN (
    SELECT id, received_at FROM signals WHERE handled_at < %(before)s ORDER BY handled_at LIMIT %(many)s
)
