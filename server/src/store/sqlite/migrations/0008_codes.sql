-- A retired code unlocks nothing, and stays taken (R7): no other promotion can have its key.
ALTER TABLE codes ADD COLUMN retired_at INTEGER;
