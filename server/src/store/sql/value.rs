//! What goes into a statement, and what comes out of a row.

use std::borrow::Cow;

use super::row::inconsistent;
use crate::store::Stored;

/// A value of one of the few types that the schema uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::store) enum Value<'v> {
    /// Nothing.
    Null,
    /// Every number, instant, amount and choice.
    Integer(i64),
    /// Text.
    Text(Cow<'v, str>),
    /// Bytes.
    Bytes(Cow<'v, [u8]>),
}

impl Value<'_> {
    /// The same, lent by nobody.
    pub(in crate::store) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
        }
    }
}

/// The columns of a row.
pub(in crate::store) trait Columns {
    /// The column at `index`.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`](crate::store::StoreError::Inconsistent) where there is none, or it holds something else.
    fn at(&self, index: usize) -> Stored<Value<'_>>;
}

/// The values of a statement, in the order of its placeholders.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::sql::value::Value::from($value)),*] };
}
pub(super) use values;

macro_rules! integers {
    ($($integer:ty)*) => {
        $(
            impl From<$integer> for Value<'_> {
                fn from(value: $integer) -> Self {
                    Self::Integer(value.into())
                }
            }

            impl FromColumn for $integer {
                fn from_column(value: Value<'_>) -> Option<Self> {
                    match value {
                        Value::Integer(value) => value.try_into().ok(),
                        _ => None,
                    }
                }
            }
        )*
    };
}
integers!(u8 u16 u32 i64);

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text.into())
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<'v> From<&'v Vec<u8>> for Value<'v> {
    fn from(bytes: &'v Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column can be read as.
pub(super) trait FromColumn: Sized {
    /// The value, if it is one of these.
    fn from_column(value: Value<'_>) -> Option<Self>;
}

impl FromColumn for bool {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl FromColumn for String {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.into_owned()),
            _ => None,
        }
    }
}

impl<const LENGTH: usize> FromColumn for [u8; LENGTH] {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.as_ref().try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_column(value).map(Some),
        }
    }
}

/// A column that a plain type can hold.
pub(super) fn column<T: FromColumn>(row: &dyn Columns, index: usize) -> Stored<T> {
    T::from_column(row.at(index)?).ok_or_else(|| inconsistent(std::any::type_name::<T>()))
}
