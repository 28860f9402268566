-- A hold that cannot be read cannot be ended. It is set aside: it keeps its uses, so that no limit is exceeded, and does not keep the
-- others from ending. Whoever mends its row puts it back by writing 0.
ALTER TABLE redemptions ADD COLUMN set_aside BIGINT NOT NULL DEFAULT 0 CHECK (set_aside IN (0, 1));
DROP INDEX holds;
CREATE INDEX holds ON redemptions (expires_at) WHERE state = 0 AND set_aside = 0;
