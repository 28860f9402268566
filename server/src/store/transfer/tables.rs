//! What a database consists of, written once. Tests compare it with the schemas of both databases: a step that adds a table or a column and
//! forgets it here fails them.

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// How many of its columns, from the first, are its primary key.
    pub key: usize,
    /// Its columns, those of the primary key first.
    pub columns: &'static [Column],
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether there may be nothing in it.
    pub is_optional: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, an instant, an amount, a choice.
    Integer,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

impl Kind {
    /// Its name in an export.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Text => "text",
            Self::Bytes => "bytes",
        }
    }
}

impl Column {
    const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }
}

const fn integer(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, is_optional: false }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, is_optional: false }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes, is_optional: false }
}

/// All of them. What a row refers to stands in a table before its own.
pub const TABLES: [Table; 18] = [
    Table {
        name: "sites",
        key: 1,
        columns: &[
            integer("number"),
            text("id"),
            text("policy"),
            integer("created_at"),
            integer("updated_at"),
            integer("revision"),
            integer("catalog_revision"),
        ],
    },
    Table { name: "origins", key: 2, columns: &[text("origin"), integer("site")] },
    Table {
        name: "keys",
        key: 1,
        columns: &[
            bytes("hash"),
            integer("site"),
            integer("kind"),
            integer("created_at"),
            integer("mode"),
            text("last_four").optional(),
            integer("valid_until").optional(),
        ],
    },
    Table {
        name: "secrets",
        key: 3,
        columns: &[integer("site"), integer("purpose"), integer("version"), bytes("secret"), integer("created_at")],
    },
    Table {
        name: "cart_secrets",
        key: 2,
        columns: &[
            integer("site"),
            integer("number"),
            bytes("secret"),
            integer("created_at"),
            integer("valid_until").optional(),
        ],
    },
    Table { name: "catalog_items", key: 2, columns: &[integer("site"), text("id"), text("draft")] },
    Table {
        name: "promotions",
        key: 1,
        columns: &[
            integer("number"),
            text("id"),
            integer("site"),
            integer("version"),
            integer("active"),
            integer("created_at"),
            integer("updated_at"),
            integer("revision"),
            integer("needs_code"),
        ],
    },
    Table {
        name: "terms_versions",
        key: 2,
        columns: &[
            integer("promotion"),
            integer("version"),
            text("draft"),
            integer("engine"),
            bytes("bytes"),
            integer("created_at"),
        ],
    },
    Table {
        name: "codes",
        key: 2,
        columns: &[
            integer("site"),
            text("key"),
            integer("promotion"),
            text("spelling"),
            integer("created_at"),
            integer("retired_at").optional(),
            integer("number"),
        ],
    },
    Table {
        name: "customers",
        key: 2,
        columns: &[
            integer("site"),
            text("id"),
            integer("revision"),
            text("draft"),
            integer("created_at"),
            integer("updated_at"),
        ],
    },
    Table {
        name: "customer_identities",
        key: 3,
        columns: &[integer("site"), bytes("identity"), text("customer"), integer("kind")],
    },
    Table {
        name: "redemptions",
        key: 1,
        columns: &[
            bytes("id"),
            integer("site"),
            text("order_reference"),
            bytes("fingerprint"),
            integer("engine"),
            integer("state"),
            integer("reserved_at"),
            integer("expires_at"),
            integer("placed_at").optional(),
            integer("confirmed_at").optional(),
            integer("released_at").optional(),
            bytes("customer"),
            text("currency"),
            integer("subtotal_minor"),
            integer("discount_minor"),
            integer("total_minor"),
            bytes("cart"),
            bytes("facts"),
            bytes("result"),
            bytes("digests"),
            integer("reserved_by"),
            integer("set_aside"),
            integer("mode"),
            integer("day"),
            integer("reversed_at").optional(),
            bytes("recorded").optional(),
            bytes("replaced_by").optional(),
            integer("has_appointment"),
        ],
    },
    Table {
        name: "uses",
        key: 2,
        columns: &[
            bytes("redemption"),
            integer("promotion"),
            integer("version"),
            integer("discount_minor"),
            text("code").optional(),
            integer("occurrences"),
        ],
    },
    Table {
        name: "reversals",
        key: 2,
        columns: &[bytes("redemption"), integer("number"), integer("reversed_at"), bytes("bytes")],
    },
    Table {
        name: "counters",
        key: 4,
        columns: &[integer("promotion"), integer("mode"), integer("per"), bytes("subject"), integer("used")],
    },
    Table {
        name: "identity_orders",
        key: 3,
        columns: &[integer("site"), integer("mode"), bytes("identity"), integer("orders"), integer("appointments")],
    },
    Table {
        name: "answers",
        key: 2,
        columns: &[
            integer("site"),
            bytes("key"),
            bytes("fingerprint"),
            integer("kept_until"),
            bytes("redemption").optional(),
            integer("state").optional(),
            integer("status").optional(),
            bytes("body").optional(),
        ],
    },
    Table {
        name: "edits",
        key: 2,
        columns: &[
            integer("site"),
            integer("number"),
            integer("edited_at"),
            bytes("key"),
            integer("mode"),
            integer("resource"),
            text("name").optional(),
            integer("action"),
            integer("revision_before").optional(),
            integer("revision_after").optional(),
            integer("things").optional(),
        ],
    },
];
