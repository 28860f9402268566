//! Where pages live, in the one form in which browsers say it.

use tearoff_core::invalid::{Fault, Faults, InvalidField};

/// Most origins of a site.
const ORIGINS_MAX: usize = 100;

/// The origins in the form in which browsers send them: without the port that a scheme has anyway.
///
/// # Errors
/// Every fault with its field below `field`.
pub(crate) fn parse_origins(origins: &[String], field: &str) -> Result<Vec<String>, Vec<InvalidField>> {
    let mut faults = Faults::within(field);
    if origins.len() > ORIGINS_MAX {
        faults.add("", Fault::OutOfBounds, format!("must have at most {ORIGINS_MAX} entries"));
    }
    let message = "must be an origin such as `https://studio.example`, in lower case and without a path";
    let mut parsed = Vec::new();
    for (index, origin) in origins.iter().enumerate().take(ORIGINS_MAX) {
        let origin = parse(origin).ok_or((Fault::Malformed, message));
        parsed.extend(faults.keep(&format!("[{index}]"), origin));
    }
    if faults.is_empty() { Ok(parsed) } else { Err(faults.into_vec()) }
}

fn parse(text: &str) -> Option<String> {
    const LENGTH_MAX: usize = 255;
    let (scheme, authority) = text.split_once("://")?;
    let default = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    if authority.len() > LENGTH_MAX {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an address in brackets are its own.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port = match port {
        None => None,
        Some(port) => Some(number(port)?).filter(|port| *port != default),
    };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    is_host(host).then(|| format!("{scheme}://{host}{port}"))
}

fn number(port: &str) -> Option<u16> {
    let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    port.parse().ok().filter(|_| is_plain)
}

fn is_host(host: &str) -> bool {
    let of = |text: &str, also: &[u8]| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || also.contains(&byte);
        !text.is_empty() && text.bytes().all(allowed)
    };
    match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(address) => address.is_some_and(|address| of(address, b":.")),
        None => of(host, b".-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_form() {
        for good in
            ["https://studio.example", "http://127.0.0.1:8600", "http://[::1]:8600", "http://[::1]", "https://a:80"]
        {
            assert_eq!(parse(good).as_deref(), Some(good));
        }
        for (written, sent) in [
            ("https://studio.example:443", "https://studio.example"),
            ("http://studio.example:80", "http://studio.example"),
            ("https://[::1]:443", "https://[::1]"),
        ] {
            assert_eq!(parse(written).as_deref(), Some(sent));
        }
        for bad in [
            "",
            "*",
            "null",
            "studio.example",
            "https://",
            "https://Studio.example",
            "https://a.example/",
            "ftp://a",
            "https://a:",
            "https://a:0443",
            "https://a:+443",
            "https://a:65536",
            "https://a:1:2",
            "https://:443",
            "https://[::1",
            "https://::1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
