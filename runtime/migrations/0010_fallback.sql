-- why: whom no screen reaches in time is called by a webhook of their own (docs/webhooks.md)
ALTER TABLE stations ADD COLUMN fallback text;
ALTER TABLE people ADD COLUMN fallback text;
