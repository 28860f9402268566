-- What is taken back of a redemption, part by part (R57), and what takes its place (R58).
ALTER TABLE redemptions ADD COLUMN reversed_at BIGINT;
-- What is left of it, in canonical bytes, from the first part that was taken back; before that it follows from cart, facts and result.
ALTER TABLE redemptions ADD COLUMN recorded BYTEA;
-- The redemption that took its place. Its order is that one's then.
ALTER TABLE redemptions ADD COLUMN replaced_by BYTEA;
DROP INDEX redemptions_of_order;
CREATE UNIQUE INDEX redemptions_of_order ON redemptions (site, mode, reserved_by, order_reference) WHERE replaced_by IS NULL;

-- One row per reversal, never changed; the bytes are core's.
CREATE TABLE reversals (
  redemption BYTEA NOT NULL REFERENCES redemptions,
  number BIGINT NOT NULL,
  reversed_at BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (redemption, number)
);
