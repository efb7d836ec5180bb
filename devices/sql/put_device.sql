-- why: a code keeps its id and with it its history, also after having been retired; ON CONFLICT would use up an id each time
WITH known AS (
    UPDATE devices SET
        profile = %(profile)s, kind = %(kind)s, gateway = %(gateway)s, place = %(place)s, floor = %(floor)s,
        room = %(room)s, lon = %(lon)s, lat = %(lat)s, installed_on = %(installed_on)s, retired = false
    WHERE code = %(code)s
    RETURNING id
)
INSERT INTO devices (code, profile, kind, gateway, place, floor, room, lon, lat, installed_on)
SELECT
    %(code)s, %(profile)s, %(kind)s, %(gateway)s, %(place)s, %(floor)s::integer, %(room)s, %(lon)s::double precision,
    %(lat)s::double precision, %(installed_on)s::date
WHERE NOT EXISTS (SELECT FROM known)
