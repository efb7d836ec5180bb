-- why: the desk and the map go by the streets of the current district
SELECT network FROM roads;
