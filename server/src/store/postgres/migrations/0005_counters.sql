-- Every limit counts in one table, and what each use weighs is kept with it, so that any counter can be made again from the uses.

-- Mode: 0 live, 1 test; each has redemptions, orders and counts of its own.
ALTER TABLE keys ADD COLUMN mode BIGINT NOT NULL DEFAULT 0 CHECK (mode IN (0, 1));
ALTER TABLE redemptions ADD COLUMN mode BIGINT NOT NULL DEFAULT 0 CHECK (mode IN (0, 1));
DROP INDEX redemptions_of_order;
CREATE UNIQUE INDEX redemptions_of_order ON redemptions (site, mode, reserved_by, order_reference);
DROP INDEX redemptions_of_site;
CREATE INDEX redemptions_of_site ON redemptions (site, mode, id);

-- The day of the reservation on the site's calendar, in days since 1970-01-01. No limit has counted by it so far.
ALTER TABLE redemptions ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
UPDATE redemptions SET day = reserved_at / 86400000;

-- The canonical key of the code that was entered; none for what acts without one. How many occurrences still count: none once the
-- use was given back. No limit has counted by either so far.
ALTER TABLE uses ADD COLUMN code TEXT COLLATE "C";
ALTER TABLE uses ADD COLUMN occurrences BIGINT NOT NULL DEFAULT 1 CHECK (occurrences >= 0);

-- Per: 0 all together, 1 a customer's identity, 2 a code, 3 a day, 4 a week, 5 a month (the subject is its first day), 6 the discount given
-- in a currency. A row is there while its count is not zero.
CREATE TABLE counters (
  promotion BIGINT NOT NULL REFERENCES promotions,
  mode BIGINT NOT NULL CHECK (mode IN (0, 1)),
  per BIGINT NOT NULL CHECK (per BETWEEN 0 AND 6),
  subject BYTEA NOT NULL,
  used BIGINT NOT NULL CHECK (used >= 0),
  PRIMARY KEY (promotion, mode, per, subject)
);
INSERT INTO counters SELECT promotion, 0, 0, '\x', used FROM promotion_usage WHERE used > 0;
INSERT INTO counters SELECT promotion, 0, 1, identity, used FROM customer_usage WHERE used > 0;
DROP TABLE promotion_usage;
DROP TABLE customer_usage;
