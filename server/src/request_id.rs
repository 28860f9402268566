//! A request's id: in its line of the log, and in its answer, so that whoever asks about one can be helped.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::ids::Ids;

/// Where an id is sent and answered.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id that a caller or a proxy gave, where it looks like one; else a new one of 32 hexadecimal digits, and none without random bytes.
///
/// It goes into the log, so it must not be able to hold a code, a key or an e-mail address: hexadecimal digits and hyphens cannot.
pub(crate) fn request_id(headers: &HeaderMap, ids: &dyn Ids) -> Option<HeaderValue> {
    let given = headers.get(HEADER).filter(|given| is_id(given.as_bytes()));
    given.cloned().or_else(|| new_id(ids))
}

fn is_id(text: &[u8]) -> bool {
    const DIGITS_MIN: usize = 16;
    const LENGTH_MAX: usize = 64;
    let digits = text.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    let is_plain = text.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    is_plain && digits >= DIGITS_MIN && text.len() <= LENGTH_MAX
}

fn new_id(ids: &dyn Ids) -> Option<HeaderValue> {
    let mut random = [0; 16];
    ids.fill(&mut random).ok()?;
    HeaderValue::try_from(format!("{:032x}", u128::from_be_bytes(random))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SystemIds;

    #[test]
    fn what_looks_like_an_id_is_kept() {
        let long = "a".repeat(64);
        for (given, kept) in [
            ("0123456789abcdef", true),
            ("5f0c1d2e-3a4b-4c5d-8e9f-0123456789AB", true),
            (&long, true),
            (&format!("{long}a"), false),
            ("0123456789abcde", false),
            ("----------------", false),
            ("WELCOME20WELCOME20WELCOME20", false),
            ("sk_0123456789abcdef0123456789abcdef", false),
            ("0123456789abcdef@example.com", false),
            ("0123456789abcdef 0", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(HEADER, given.parse().unwrap())]);
            let id = request_id(&headers, &SystemIds).unwrap();
            assert_eq!(id == given, kept, "{given}");
            assert!(is_id(id.as_bytes()), "{id:?}");
        }
        let [one, other] = [(); 2].map(|()| request_id(&HeaderMap::new(), &SystemIds).unwrap());
        assert!(one != other && one.len() == 32);
    }
}
