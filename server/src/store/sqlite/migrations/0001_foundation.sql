-- The first schema. Instants are integers: milliseconds since 1970 in UTC. Amounts are minor units.

CREATE TABLE sites (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  policy TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE origins (
  origin TEXT NOT NULL,
  site INTEGER NOT NULL REFERENCES sites,
  PRIMARY KEY (origin, site)
) STRICT, WITHOUT ROWID;
CREATE INDEX origins_of_site ON origins (site);

-- Keys are kept as SHA-256 only. Kind: 0 publishable, 1 secret.
CREATE TABLE keys (
  hash BLOB PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES sites,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Purpose: 0 snapshots, 1 identities.
CREATE TABLE secrets (
  site INTEGER NOT NULL REFERENCES sites,
  purpose INTEGER NOT NULL CHECK (purpose IN (0, 1)),
  version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 255),
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site, purpose, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_items (
  site INTEGER NOT NULL REFERENCES sites,
  id TEXT NOT NULL,
  draft TEXT NOT NULL,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE promotions (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  site INTEGER NOT NULL REFERENCES sites,
  version INTEGER NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX promotions_of_site ON promotions (site, number);

-- One row per terms version, never changed. The draft is what the owner wrote; the promotion is what it became, its dates resolved
-- in the zone of that day, in canonical bytes that an engine of the same number reads.
CREATE TABLE terms_versions (
  promotion INTEGER NOT NULL REFERENCES promotions,
  version INTEGER NOT NULL,
  draft TEXT NOT NULL,
  engine INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (promotion, version)
) STRICT, WITHOUT ROWID;

-- The key is core's canonical one, compared as bytes.
CREATE TABLE codes (
  site INTEGER NOT NULL REFERENCES sites,
  key TEXT NOT NULL,
  promotion INTEGER NOT NULL REFERENCES promotions,
  spelling TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_of_promotion ON codes (promotion, key);

-- State: 0 reserved, 1 placed, 2 confirmed, 3 released, 4 expired, 5 reversed.
CREATE TABLE redemptions (
  id BLOB PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES sites,
  order_reference TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  engine INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  reserved_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  placed_at INTEGER,
  confirmed_at INTEGER,
  released_at INTEGER,
  customer BLOB NOT NULL,
  currency TEXT NOT NULL,
  subtotal_minor INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  total_minor INTEGER NOT NULL,
  cart BLOB NOT NULL,
  facts BLOB NOT NULL,
  result BLOB NOT NULL,
  digests BLOB NOT NULL,
  CHECK (discount_minor BETWEEN 0 AND subtotal_minor)
) STRICT;
-- An order reference is unique per site for ever.
CREATE UNIQUE INDEX redemptions_of_order ON redemptions (site, order_reference);
CREATE INDEX redemptions_of_site ON redemptions (site, id);
CREATE INDEX holds ON redemptions (expires_at) WHERE state = 0;

CREATE TABLE uses (
  redemption BLOB NOT NULL REFERENCES redemptions,
  promotion INTEGER NOT NULL REFERENCES promotions,
  version INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  PRIMARY KEY (redemption, promotion)
) STRICT, WITHOUT ROWID;
CREATE INDEX uses_of_promotion ON uses (promotion, redemption);

-- Counters. A row is there exactly while the promotion has that limit; it counts the uses of redemptions that are reserved, placed
-- or confirmed.
CREATE TABLE promotion_usage (
  promotion INTEGER PRIMARY KEY REFERENCES promotions,
  used INTEGER NOT NULL CHECK (used >= 0)
) STRICT;

-- Counters per customer identity, a keyed hash; a row is there while its count is not zero.
CREATE TABLE customer_usage (
  promotion INTEGER NOT NULL REFERENCES promotions,
  identity BLOB NOT NULL,
  used INTEGER NOT NULL CHECK (used >= 0),
  PRIMARY KEY (promotion, identity)
) STRICT, WITHOUT ROWID;

-- What was answered under an idempotency key (its hash): a redemption and its first state, or a refusal.
CREATE TABLE answers (
  site INTEGER NOT NULL REFERENCES sites,
  key BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  kept_until INTEGER NOT NULL,
  redemption BLOB,
  state INTEGER,
  status INTEGER,
  body BLOB,
  PRIMARY KEY (site, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (kept_until);
