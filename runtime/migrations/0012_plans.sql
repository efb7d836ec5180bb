-- why: who goes into a building is told where its floor plan is
ALTER TABLE places ADD COLUMN plan text;
