-- why: a registry is read by several statements that must see one and the same moment
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
