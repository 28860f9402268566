-- The last four characters of a key, by which its owner knows it again; of keys made before nobody knows them. Until when it is valid: a key
-- that has ended stays, so that no seed brings it back.
ALTER TABLE keys ADD COLUMN last_four TEXT COLLATE "C";
ALTER TABLE keys ADD COLUMN valid_until BIGINT;
CREATE INDEX keys_of_site ON keys (site);
