//! A Rust source taken apart into code and quoted text, without its comments.

/// The parts of one file.
pub(super) struct Source {
    /// The file with every comment and every quoted text blanked, so that lines keep their numbers.
    code: String,
    quoted: Vec<(usize, String)>,
}

/// Where the scan is.
#[derive(Clone, Copy)]
enum Place {
    Code,
    LineComment,
    /// With how many comments around it: Rust's nest.
    BlockComment(usize),
    Quoted,
    /// Ended by a quote and so many hash signs.
    RawQuoted(usize),
}

impl Source {
    /// Takes `text` apart.
    pub(super) fn new(text: &str) -> Self {
        let mut scan = Scan {
            rest: text,
            code: String::with_capacity(text.len()),
            quoted: Vec::new(),
            current: String::new(),
            begun: 0,
            line: 1,
        };
        let mut place = Place::Code;
        while !scan.rest.is_empty() {
            place = scan.step(place);
        }
        Self { code: scan.code, quoted: scan.quoted }
    }

    /// Each line of code with its number from 1.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The line on which the file's unit tests begin, or one that it does not have.
    pub(super) fn tests_begin(&self) -> usize {
        let mut lines = self.code_lines().zip(self.code_lines().skip(1));
        let begin =
            lines.find(|((_, first), (_, second))| first.trim() == "#[cfg(test)]" && second.trim().starts_with("mod "));
        begin.map_or(usize::MAX, |((line, _), _)| line)
    }

    /// Each quoted text with the line on which it begins.
    pub(super) fn quoted(&self) -> &[(usize, String)] {
        &self.quoted
    }
}

struct Scan<'text> {
    rest: &'text str,
    code: String,
    quoted: Vec<(usize, String)>,
    current: String,
    begun: usize,
    line: usize,
}

impl Scan<'_> {
    fn step(&mut self, place: Place) -> Place {
        match place {
            Place::Code => self.code(),
            Place::LineComment if self.rest.starts_with('\n') => self.take(1, true, Place::Code),
            Place::LineComment => self.take(1, false, place),
            Place::BlockComment(depth) if self.rest.starts_with("*/") => {
                self.take(2, false, depth.checked_sub(1).map_or(Place::Code, Place::BlockComment))
            }
            Place::BlockComment(depth) if self.rest.starts_with("/*") => {
                self.take(2, false, Place::BlockComment(depth + 1))
            }
            Place::BlockComment(_) => self.take(1, false, place),
            Place::Quoted if self.rest.starts_with('\\') => self.quote(2, place),
            Place::Quoted if self.rest.starts_with('"') => self.end_quote(1),
            Place::RawQuoted(hashes) if self.ends_raw(hashes) => self.end_quote(hashes + 1),
            Place::Quoted | Place::RawQuoted(_) => self.quote(1, place),
        }
    }

    fn code(&mut self) -> Place {
        if self.rest.starts_with("//") {
            return self.take(2, false, Place::LineComment);
        }
        if self.rest.starts_with("/*") {
            return self.take(2, false, Place::BlockComment(0));
        }
        if self.rest.starts_with('"') {
            return self.begin_quote(1, Place::Quoted);
        }
        if let Some(hashes) = self.raw_start() {
            return self.begin_quote(hashes + 2, Place::RawQuoted(hashes));
        }
        // A quoted character may be a quote; a lifetime is no quote.
        for character in ["'\"'", "'\\\"'", "'\\\\'", "'\\''"] {
            if self.rest.starts_with(character) {
                return self.take(character.len(), false, Place::Code);
            }
        }
        self.take(1, true, Place::Code)
    }

    /// The hash signs of a raw text that begins here, if one does and this `r` is not the end of a name.
    fn raw_start(&self) -> Option<usize> {
        let rest = self.rest.strip_prefix('r')?;
        let within_name =
            self.code.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') && !self.code.ends_with('b');
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        (!within_name && rest.get(hashes..)?.starts_with('"')).then_some(hashes)
    }

    fn ends_raw(&self, hashes: usize) -> bool {
        self.rest
            .strip_prefix('"')
            .is_some_and(|rest| rest.bytes().take(hashes).filter(|byte| *byte == b'#').count() == hashes)
    }

    fn begin_quote(&mut self, length: usize, place: Place) -> Place {
        self.begun = self.line;
        self.current.clear();
        self.take(length, false, place)
    }

    fn quote(&mut self, length: usize, place: Place) -> Place {
        self.current.extend(self.rest.chars().take(length));
        self.take(length, false, place)
    }

    fn end_quote(&mut self, length: usize) -> Place {
        self.quoted.push((self.begun, std::mem::take(&mut self.current)));
        self.take(length, false, Place::Code)
    }

    /// Goes on by so many letters, which are kept as code or blanked; line ends are always kept.
    fn take(&mut self, letters: usize, keep: bool, next: Place) -> Place {
        for letter in self.rest.chars().take(letters) {
            self.line = self.line.saturating_add(usize::from(letter == '\n'));
            self.code.push(if keep || letter == '\n' { letter } else { ' ' });
        }
        let end = self.rest.char_indices().nth(letters).map_or(self.rest.len(), |(at, _)| at);
        self.rest = self.rest.get(end..).unwrap_or_default();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn comments_and_quotes_are_no_code() {
        let text = "a /* b /* c */ d */ e // f\ng \"h \\\" i\" r#\"j \" k\"# 'l' '\"' m\n/* n\n*/ o<'p>";
        let source = Source::new(text);
        let code: Vec<_> = source
            .code_lines()
            .map(|(line, code)| (line, code.split_whitespace().collect::<Vec<_>>().join(" ")))
            .collect();
        assert_eq!(
            code,
            [(1, "a e".to_owned()), (2, "g 'l' m".to_owned()), (3, String::new()), (4, "o<'p>".to_owned())]
        );
        assert_eq!(source.quoted(), [(2, "h \\\" i".to_owned()), (2, "j \" k".to_owned())]);
    }

    #[test]
    fn unit_tests_begin_with_their_module() {
        let source = Source::new("#[cfg(test)]\nextern crate std;\nfn a() {}\n\n#[cfg(test)]\nmod tests {}\n");
        assert_eq!(source.tests_begin(), 5);
        assert_eq!(Source::new("fn a() {}").tests_begin(), usize::MAX);
    }

    #[test]
    fn a_quote_is_known_by_the_line_it_begins_on() {
        let source = Source::new("let a = 1;\nlet b = \"SELECT x\n FROM y\";\nlet c = \"z\";");
        assert_eq!(source.quoted(), [(2, "SELECT x\n FROM y".to_owned()), (4, "z".to_owned())]);
    }
}
