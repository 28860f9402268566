//! Percentages as basis points (R2).

use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};
use crate::invalid::{Fault, Message};

/// A percentage in basis points, 0 to 10000: 2000 is 20 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// 100 %.
    pub const WHOLE_BP: u16 = 10_000;

    /// A percentage of that many basis points.
    ///
    /// # Errors
    /// Names the fault outside 0 to 10000.
    pub fn from_bp(basis_points: i64) -> Result<Self, (Fault, Message)> {
        u16::try_from(basis_points)
            .ok()
            .filter(|basis_points| *basis_points <= Self::WHOLE_BP)
            .map(Self)
            .ok_or_else(|| (Fault::OutOfBounds, "must be 0 to 10000 basis points (0 % to 100 %)".into()))
    }

    /// The basis points.
    #[must_use]
    pub const fn basis_points(self) -> u16 {
        self.0
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0)
    }
}

impl Canonical for Percent {
    fn write(&self, out: &mut Writer) {
        out.unsigned(u64::from(self.0));
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let basis_points = u16::take(reader);
        reader.require(basis_points <= Self::WHOLE_BP);
        Self(basis_points)
    }
}
