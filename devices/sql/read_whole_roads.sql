-- why: a pack that brings no streets of its own leaves those that are there
SELECT name, source, network FROM roads
