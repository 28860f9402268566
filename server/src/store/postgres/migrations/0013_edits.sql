-- Who changed what of a site, through a secret key: never a secret, a code, or anything that was told of a customer. Numbers count per site
-- from 1. Key: the beginning of its hash. Mode, as of keys: 0 live, 1 test. Resource: 0 site, 1 secret, 2 catalog, 3 promotion, 4 codes,
-- 5 customer, 6 key, 7 secret for carts. Action: 0 made, 1 changed, 2 activated, 3 deactivated, 4 added, 5 generated, 6 retired, 7 deleted, 8 imported,
-- 9 erased, 10 replaced, 11 revoked. Name: the id of what was changed; none of what there is one of, of many, and of whoever was erased.
CREATE TABLE edits (
  site BIGINT NOT NULL REFERENCES sites,
  number BIGINT NOT NULL,
  edited_at BIGINT NOT NULL,
  key BYTEA NOT NULL,
  mode BIGINT NOT NULL CHECK (mode IN (0, 1)),
  resource BIGINT NOT NULL CHECK (resource >= 0),
  name TEXT COLLATE "C",
  action BIGINT NOT NULL CHECK (action >= 0),
  revision_before BIGINT,
  revision_after BIGINT,
  things BIGINT CHECK (things > 0),
  PRIMARY KEY (site, number)
);
CREATE INDEX edits_by_age ON edits (edited_at);
CREATE INDEX edits_of_resource ON edits (site, resource, number);
CREATE INDEX edits_of_thing ON edits (site, resource, name, number);
