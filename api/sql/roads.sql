-- why: the street network is drawn on maps, and the rivers of the file it came from
SELECT name, source, network FROM roads
