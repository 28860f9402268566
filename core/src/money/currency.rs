//! Currencies of ISO 4217 and how many decimals each has (R1).

use core::fmt;
use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};
use crate::invalid::{Fault, Message};

/// The currencies in use, by their number of decimals; each list is in order. Funds, metals and test codes are left out:
/// nobody prices a booking in them.
const CODES: [(u8, &str); 4] = [
    (0, "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF"),
    (
        2,
        "AEDAFNALLAMDAOAARSAUDAWGAZNBAMBBDBDTBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUPCVECZKDKKDOPDZD\
         EGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSLMADMDLMGAMKD\
         MMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSP\
         STNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDXCGYERZARZMWZWG",
    ),
    (3, "BHDIQDJODKWDLYDOMRTND"),
    (4, "CLFUYW"),
];

/// A currency, known by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

impl Currency {
    /// Parses an ISO 4217 code in upper case.
    ///
    /// # Errors
    /// Names the fault when the code is not that of a currency in use.
    pub fn parse(code: &str) -> Result<Self, (Fault, Message)> {
        let letters: Option<[u8; 3]> = code.as_bytes().try_into().ok();
        letters.and_then(Self::find).ok_or((Fault::Unknown, "is no code of a currency in use (ISO 4217)".into()))
    }

    fn find(code: [u8; 3]) -> Option<Self> {
        let known = |codes: &str| codes.as_bytes().as_chunks::<3>().0.contains(&code);
        CODES.iter().find(|(_, codes)| known(codes)).map(|(decimals, _)| Self { code, decimals: *decimals })
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        core::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals the currency is written with: 0, 2, 3 or 4.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        self.decimals
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl Canonical for Currency {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.code);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let code = reader.raw(3).try_into().ok();
        reader.or_fail(code.and_then(Self::find), Self { code: *b"XXX", decimals: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn known_codes_have_their_decimals() {
        for (code, decimals) in
            [("EUR", 2), ("USD", 2), ("TWD", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)]
        {
            assert_eq!(Currency::parse(code).unwrap().decimals(), decimals, "{code}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for code in ["", "eur", "EU", "EURO", "XXX", "XAU", "URF", "É€", "🦀"] {
            assert!(Currency::parse(code).is_err(), "{code}");
        }
    }

    #[test]
    fn the_lists_are_whole_in_order_and_disjoint() {
        let mut all = Vec::new();
        for (_, codes) in CODES {
            let (chunks, rest) = codes.as_bytes().as_chunks::<3>();
            assert!(rest.is_empty());
            assert!(chunks.is_sorted());
            all.extend_from_slice(chunks);
        }
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(all.len() > 150);
    }
}
