-- why: the street network is drawn on maps
SELECT network FROM roads
