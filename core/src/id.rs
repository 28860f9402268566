//! Identifiers: a newtype each, so that a line's id cannot be passed as a promotion's.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};
use crate::invalid::{Fault, Message};
use crate::text::digits;

/// Longest identifier in bytes; long enough for a UUID with a prefix or a platform's own id.
pub const LENGTH_MAX: usize = 64;

fn check(text: &str) -> Result<(), (Fault, Message)> {
    if text.is_empty() || text.len() > LENGTH_MAX {
        return Err((Fault::OutOfBounds, "must have 1 to 64 characters".into()));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err((Fault::Malformed, "may hold printable ASCII characters only, without spaces".into()));
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => { id! { $(#[$doc])* $name(Box<str>) } };
    ($(#[$doc:meta])* $name:ident($text:ty)) => {
        $(#[$doc])*
        ///
        /// 1 to 64 printable ASCII characters; ordered and compared as bytes.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($text);

        impl $name {
            /// Parses an identifier.
            ///
            /// # Errors
            /// Names the fault when the text is empty, longer than 64 bytes, or holds anything but printable ASCII.
            pub fn parse(text: &str) -> Result<Self, (Fault, Message)> {
                check(text).map(|()| Self(text.into()))
            }

            /// The identifier as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, out)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl Canonical for $name {
            fn write(&self, out: &mut Writer) {
                out.text(&self.0);
            }

            fn take(reader: &mut Reader<'_>) -> Self {
                let text = reader.text();
                reader.require(check(text).is_ok());
                Self(text.into())
            }
        }
    };
}

id! {
    /// A line of a cart, named by the page or the host. Shared, not copied: each answer names every line twice.
    LineId(Arc<str>)
}
impl LineId {
    /// The id of a line that was added to a cart: `~gift0`, `~gift1` … A page's own ids do not begin with `~`.
    #[must_use]
    pub fn added(what: &str, index: usize) -> Self {
        Self([ADDED, what, &digits(index as u64)].concat().into())
    }

    /// Parses the id of a line that a caller sends.
    ///
    /// # Errors
    /// As [`LineId::parse`]; and for the ids of lines that are added.
    pub fn parse_sent(text: &str) -> Result<Self, (Fault, Message)> {
        if text.starts_with(ADDED) {
            return Err((Fault::Malformed, "must not begin with `~`".into()));
        }
        Self::parse(text)
    }
}

/// Begins the ids of lines that are added to a cart.
const ADDED: &str = "~";

id! {
    /// Something that can be booked or bought: a service, a membership, a product, an add-on.
    ItemId
}
id! {
    /// A group of items; items added to it later belong to it too (R20).
    CategoryId
}
id! {
    /// A venue of the site (R21), with a time zone of its own.
    LocationId
}
id! {
    /// A customer, as the site's own system names them (R32).
    CustomerId
}
id! {
    /// A tag by which an owner groups customers (R32).
    TagId
}
id! {
    /// A pass that customers hold (R33).
    PassId
}
id! {
    /// A lane that an owner added (R50).
    LaneId
}
id! {
    /// A promotion, over all its terms versions. Shared, not copied: each answer names it.
    PromotionId(Arc<str>)
}
id! {
    /// The host's own reference of an order, unique per site for ever (R56).
    OrderReference
}
id! {
    /// One of the keys by which a customer is known, each with a count of its own (R47): an account, an e-mail or a phone number, as
    /// itself or hashed.
    IdentityKey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_printable_ascii() {
        for good in ["1", "prm_0190", &"x".repeat(64)] {
            assert_eq!(LineId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "é", "a\n", &"x".repeat(65)] {
            assert!(LineId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
