-- How often each was changed, from 1: never the same again, so that an edit can name the state it was made for.
ALTER TABLE sites ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sites ADD COLUMN catalog_revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE promotions ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
