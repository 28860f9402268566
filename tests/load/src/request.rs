//! Requests that are sent many times, each time with another number.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Where a number goes: as many digits.
pub const NUMBER: &str = "############";

/// A request as bytes, with the places of its number.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Request {
    /// A POST of this JSON; [`NUMBER`] may stand anywhere in headers and body.
    #[must_use]
    pub fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        let places = text.match_indices(NUMBER).map(|(place, _)| place).collect();
        Self { bytes: text.into_bytes(), places }
    }

    /// Writes the request with this number into `out`, in place of what was there.
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.bytes);
        for place in &self.places {
            let mut rest = number;
            for digit in out[*place..place + NUMBER.len()].iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).expect("a digit");
                rest /= 10;
            }
        }
    }

    /// Sends it once, on a connection of its own; tells the status and the body.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn send(&self, address: SocketAddr, number: u64) -> (u16, String) {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let (mut out, mut answer) = (Vec::new(), Answer::default());
        self.write(number, &mut out);
        stream.write_all(&out).expect("sending");
        loop {
            let read = stream.read(answer.room()).expect("an answer");
            assert!(read > 0, "the connection was closed");
            if let Some(status) = answer.take(read) {
                return (status, answer.body());
            }
        }
    }
}

/// The answer that a connection is reading.
#[derive(Clone, Debug)]
pub struct Answer {
    buffer: Vec<u8>,
    filled: usize,
    /// Where the body begins and ends, once that is known.
    body: Option<(usize, usize)>,
}

impl Default for Answer {
    fn default() -> Self {
        const ROOM: usize = 64 * 1024;
        Self { buffer: vec![0; ROOM], filled: 0, body: None }
    }
}

impl Answer {
    /// Where to read to.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.buffer[self.filled..]
    }

    /// Takes so many bytes more; once the answer is whole it tells its status, and begins anew.
    ///
    /// # Panics
    /// When it is no answer of a known length that fits.
    pub fn take(&mut self, read: usize) -> Option<u16> {
        self.filled += read;
        let text = &self.buffer[..self.filled];
        if self.body.is_none() {
            let head = text.windows(4).position(|window| window == b"\r\n\r\n")?;
            let length = length(&text[..head]).expect("an answer tells its length");
            assert!(head + 4 + length <= self.buffer.len(), "the answer fits");
            self.body = Some((head + 4, head + 4 + length));
        }
        let (_, end) = self.body?;
        if self.filled < end {
            return None;
        }
        let status = std::str::from_utf8(&text[9..12]).ok().and_then(|status| status.parse().ok());
        self.filled = 0;
        Some(status.expect("a status"))
    }

    /// The body of the answer that was taken last.
    #[must_use]
    pub fn body(&self) -> String {
        self.body.map(|(from, to)| String::from_utf8_lossy(&self.buffer[from..to]).into_owned()).unwrap_or_default()
    }

    /// Forgets the answer that was taken last.
    pub const fn forget(&mut self) {
        self.body = None;
    }
}

fn length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let begins = |place: &[u8]| place.eq_ignore_ascii_case(NAME);
    let from = head.windows(NAME.len()).position(begins)? + NAME.len();
    let digits = head[from..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::{Answer, NUMBER, Request};

    #[test]
    fn a_number_stands_in_every_place() {
        let request = Request::post("/", &[("key", &format!("a-{NUMBER}"))], &format!("{{\"order\":\"{NUMBER}\"}}"));
        let mut out = Vec::new();
        request.write(1207, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("\r\nkey: a-000000001207\r\n") && text.ends_with("{\"order\":\"000000001207\"}"),
            "{text}"
        );
        assert!(text.contains("content-length: 24\r\n"), "{text}");
    }

    #[test]
    fn an_answer_may_come_in_pieces() {
        let mut answer = Answer::default();
        let mut feed = |piece: &[u8]| {
            answer.room()[..piece.len()].copy_from_slice(piece);
            answer.take(piece.len())
        };
        assert_eq!(feed(b"HTTP/1.1 201 Created\r\nContent-Length: 4\r"), None);
        assert_eq!(feed(b"\n\r\nab"), None);
        assert_eq!(feed(b"cd"), Some(201));
        assert_eq!(answer.body(), "abcd");
    }
}
