-- What the host's backend signs carts with: any number at once while one takes the place of another. Those that have ended are deleted.
CREATE TABLE cart_secrets (
  site INTEGER NOT NULL REFERENCES sites,
  number INTEGER NOT NULL,
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  valid_until INTEGER,
  PRIMARY KEY (site, number)
) STRICT, WITHOUT ROWID;
