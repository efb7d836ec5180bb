-- why: what became of alarms in these entries: rates, floods and chattering are counted from it
INSERT INTO alarm_changes SELECT * FROM jsonb_populate_recordset(NULL::alarm_changes, %(rows)s::jsonb)
ON CONFLICT (entry, nr) DO NOTHING;
