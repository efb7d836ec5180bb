-- why: who has been followed must know
SELECT max((convert_from(body, 'UTF8')::jsonb #>> '{cause,epoch}')::bigint) FROM ledger WHERE kind = 'led';
