-- What acts without a code is found by its site: every cart is held against it. None was kept so far.
ALTER TABLE promotions ADD COLUMN needs_code BIGINT NOT NULL DEFAULT 1 CHECK (needs_code IN (0, 1));
CREATE INDEX promotions_without_codes ON promotions (site, number) WHERE needs_code = 0 AND active = 1;
