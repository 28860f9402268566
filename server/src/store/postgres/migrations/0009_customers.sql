-- What the host tells of a customer, as it wrote it, without the addresses. The id is the host's own.
CREATE TABLE customers (
  site BIGINT NOT NULL REFERENCES sites,
  id TEXT COLLATE "C" NOT NULL,
  revision BIGINT NOT NULL,
  draft TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site, id)
);

-- What each customer is known by, as keyed hashes. Kind: 0 e-mail address, 1 account, 2 phone number.
CREATE TABLE customer_identities (
  site BIGINT NOT NULL,
  identity BYTEA NOT NULL,
  customer TEXT COLLATE "C" NOT NULL,
  kind BIGINT NOT NULL CHECK (kind BETWEEN 0 AND 2),
  PRIMARY KEY (site, identity, customer),
  FOREIGN KEY (site, customer) REFERENCES customers (site, id)
);
CREATE INDEX identities_of_customer ON customer_identities (site, customer);

-- Whether the cart of a redemption holds an appointment. Of those recorded so far nobody asked.
ALTER TABLE redemptions ADD COLUMN has_appointment BIGINT NOT NULL DEFAULT 0 CHECK (has_appointment IN (0, 1));

-- How many redemptions that are reserved, placed or confirmed name an identity, and how many of them hold an appointment. A row is there
-- while there is one.
CREATE TABLE identity_orders (
  site BIGINT NOT NULL REFERENCES sites,
  mode BIGINT NOT NULL CHECK (mode IN (0, 1)),
  identity BYTEA NOT NULL,
  orders BIGINT NOT NULL CHECK (orders > 0),
  appointments BIGINT NOT NULL CHECK (appointments BETWEEN 0 AND orders),
  PRIMARY KEY (site, mode, identity)
);
-- Identities stand one after another, 17 bytes each.
INSERT INTO identity_orders (site, mode, identity, orders, appointments)
WITH RECURSIVE named (site, mode, identity, rest) AS (
  SELECT site, mode, substr(customer, 1, 17), substr(customer, 18) FROM redemptions
  WHERE state IN (0, 1, 2) AND length(customer) > 0
  UNION ALL
  SELECT site, mode, substr(rest, 1, 17), substr(rest, 18) FROM named WHERE length(rest) > 0
)
SELECT site, mode, identity, count(*), 0 FROM named GROUP BY site, mode, identity;
