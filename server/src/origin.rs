//! Where pages live, in the one form in which browsers say it.

use std::net::{Ipv4Addr, Ipv6Addr};

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
    let host = parse_host(host)?;
    Some(format!("{scheme}://{host}{port}"))
}

fn number(port: &str) -> Option<u16> {
    let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    port.parse().ok().filter(|_| is_plain)
}

/// The host in the form in which browsers write it.
fn parse_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{}]", written(address)));
    }
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(allowed)
    };
    let fits = host.split('.').all(is_label) && (!ends_in_number(host) || host.parse::<Ipv4Addr>().is_ok());
    fits.then(|| host.to_owned())
}

/// Whether browsers take a host for an address. They write one as four decimal numbers, however it was typed.
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    last.bytes().all(|byte| byte.is_ascii_digit()) || last.strip_prefix("0x").is_some_and(is_hex)
}

/// An address as browsers write it: shortened, and without the dots in which the standard library writes a mapped one.
fn written(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        (None, _) => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_form() {
        for good in [
            "https://studio.example",
            "http://127.0.0.1:8600",
            "http://[::1]:8600",
            "http://[::1]",
            "https://a:80",
            "https://1.a",
            "https://a.0xg",
        ] {
            assert_eq!(parse(good).as_deref(), Some(good));
        }
        for (written, sent) in [
            ("https://studio.example:443", "https://studio.example"),
            ("http://studio.example:80", "http://studio.example"),
            ("https://[::1]:443", "https://[::1]"),
            ("http://[0:0:0:0:0:0:0:1]:8600", "http://[::1]:8600"),
            ("https://[2001:DB8:0:0:1:0:0:0]", "https://[2001:db8:0:0:1::]"),
            ("https://[2001:db8:0:1:1:1:1:1]", "https://[2001:db8:0:1:1:1:1:1]"),
            ("https://[::ffff:192.0.2.1]", "https://[::ffff:c000:201]"),
            ("https://[::192.0.2.1]", "https://[::c000:201]"),
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
            "https://[]",
            "https://[:]",
            "https://[1]",
            "https://[127.0.0.1]",
            "https://[fe80::1%25eth0]",
            "https://.",
            "https://.example",
            "https://a..example",
            "https://a.example.",
            "https://127.1",
            "https://127.0.0.01",
            "https://127.0.0.256",
            "https://2130706433",
            "https://0x7f.0x0.0x0.0x1",
            "https://a.0x",
            "https://a.1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
