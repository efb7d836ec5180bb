-- why: what is in service: the retired are kept only for their history
SELECT code, profile, gateway, place, floor, room, lon, lat, installed_on, id FROM devices WHERE NOT retired ORDER BY code
