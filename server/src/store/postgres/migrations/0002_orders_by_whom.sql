-- The order references of pages and those of the host's backend are apart, each unique per site for ever: anybody can read a page's
-- key, and must not be able to use up the host's references. Reserved by: 0 a page, 1 the host, as the kinds of keys.
ALTER TABLE redemptions ADD COLUMN reserved_by BIGINT NOT NULL DEFAULT 1 CHECK (reserved_by IN (0, 1));
DROP INDEX redemptions_of_order;
CREATE UNIQUE INDEX redemptions_of_order ON redemptions (site, reserved_by, order_reference);
