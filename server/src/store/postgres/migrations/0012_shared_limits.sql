-- What servers that share the database have spent of their limits: when all of a budget will have come back, in microseconds since 1970 by
-- the database's clock. No row is durable, and there are no more than places in a server's own table. A place is a few bits of a hash with the
-- key below, which all servers share.
CREATE UNLOGGED TABLE spendings (
    place BIGINT NOT NULL,
    budget BIGINT NOT NULL,
    full_at BIGINT NOT NULL,
    PRIMARY KEY (place, budget)
) WITH (fillfactor = 50);
CREATE TABLE limiter_key (
    number BIGINT PRIMARY KEY CHECK (number = 1),
    key BYTEA NOT NULL
);
