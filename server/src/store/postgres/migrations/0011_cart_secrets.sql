-- What the host's backend signs carts with: any number at once while one takes the place of another. Those that have ended are deleted.
CREATE TABLE cart_secrets (
  site BIGINT NOT NULL REFERENCES sites,
  number BIGINT NOT NULL,
  secret BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  valid_until BIGINT,
  PRIMARY KEY (site, number)
);
