-- A retired code unlocks nothing, and stays taken (R7): no other promotion can have its key.
ALTER TABLE codes ADD COLUMN retired_at BIGINT;

-- A promotion's codes are listed in the order in which they were added. The number says where a page begins, and tells no code.
ALTER TABLE codes ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
UPDATE codes SET number = numbered.number FROM (
  SELECT site, key, row_number() OVER (PARTITION BY promotion ORDER BY created_at, key) AS number FROM codes
) AS numbered
WHERE numbered.site = codes.site AND numbered.key = codes.key;
DROP INDEX codes_of_promotion;
CREATE UNIQUE INDEX codes_of_promotion ON codes (promotion, number);
