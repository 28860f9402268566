//! The rules: which words may stand where.

use super::arithmetic;
use super::source::Source;

/// One invariant.
pub(super) struct Rule {
    /// Path prefixes it holds for.
    within: &'static [&'static str],
    /// Path prefixes within those where the words belong.
    except: &'static [&'static str],
    /// What must not be found.
    finds: Finds,
    /// Why.
    pub(super) reason: &'static str,
}

enum Finds {
    /// These words, standing alone, outside comments and quotes. A path such as `Utc::now` is one word, and so is a call `.name(`.
    Words(&'static [&'static str]),
    /// Quoted text that begins with one of these.
    QuotedStart(&'static [&'static str]),
    /// Quoted text that holds one of these, outside unit tests.
    QuotedPart(&'static [&'static str]),
    /// Outside unit tests: adding, subtracting, multiplying or dividing amounts.
    AmountArithmetic,
}

/// Methods of `Decimal` that lose something. Those whose names are common words are looked for as calls.
const CONVERSIONS: &[&str] = &[
    "to_i32",
    "to_i64",
    "to_i128",
    "to_u32",
    "to_u64",
    "to_u128",
    "to_f32",
    "to_f64",
    "round_dp",
    "round_dp_with_strategy",
    "round_sf",
    ".round(",
    ".trunc(",
    ".floor(",
    ".ceil(",
    ".mantissa(",
    ".rescale(",
    "Decimal::round",
];
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "CREATE ",
    "ALTER ",
    "DROP ",
    "PRAGMA ",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT ",
];
const STORE: &[&str] = &["server/src/store.rs", "server/src/store/"];

pub(super) const RULES: [Rule; 12] = [
    Rule {
        within: &["core/src/"],
        except: &["core/src/money/rounding.rs"],
        finds: Finds::Words(CONVERSIONS),
        reason: "a Decimal becomes minor units in core/src/money/rounding.rs alone",
    },
    Rule {
        within: &["core/src/"],
        except: &[],
        finds: Finds::Words(&["f32", "f64"]),
        reason: "no float exists in core: money is exact and equal on every target",
    },
    Rule {
        within: &["core/src/"],
        except: &[],
        finds: Finds::Words(&["Utc::now", "Local::now", "SystemTime", "Instant", "getrandom", "HashMap", "HashSet"]),
        reason: "core is deterministic: no clock, no randomness, no order by hash",
    },
    Rule {
        within: &["server/src/", "widget/src/"],
        except: &[],
        finds: Finds::Words(&["rust_decimal", "Decimal"]),
        reason: "one function prices, and it is in core",
    },
    Rule {
        within: &["server/src/", "widget/src/"],
        except: &[],
        finds: Finds::AmountArithmetic,
        reason: "one function prices, and it is in core: here amounts are only passed on",
    },
    Rule {
        within: &["server/src/"],
        except: STORE,
        finds: Finds::QuotedStart(SQL),
        reason: "SQL appears under server/src/store alone",
    },
    Rule {
        within: &["server/src/"],
        except: STORE,
        finds: Finds::Words(&["rusqlite", "sqlx", "tokio_postgres"]),
        reason: "a database is spoken to under server/src/store alone",
    },
    Rule {
        within: &["server/src/"],
        except: &["server/src/clock.rs"],
        finds: Finds::Words(&["Utc::now", "Local::now", "SystemTime::now"]),
        reason: "time enters through the Clock, so that every test can fix it",
    },
    Rule {
        within: &["widget/src/"],
        except: &[],
        finds: Finds::Words(&["web_sys"]),
        reason: "the page is touched in the widget's scripts alone",
    },
    Rule {
        within: &["widget/src/"],
        except: &["widget/src/lib.rs"],
        finds: Finds::Words(&["leptos"]),
        reason: "the widget's lib keeps the state of a field; what follows from an event is decided without it",
    },
    Rule {
        within: &["widget/src/"],
        except: &[],
        finds: Finds::Words(&[
            "gloo_net",
            "XmlHttpRequest",
            "WebSocket",
            "EventSource",
            "fetch_with_str",
            "fetch_with_request",
            "send_beacon",
        ]),
        reason: "the network is used in the widget's scripts alone",
    },
    Rule {
        within: &["core/src/", "widget/src/"],
        except: &[],
        finds: Finds::QuotedPart(&[":?}", ":#?}"]),
        reason: "the widget is compiled without `Debug`: it would print nothing",
    },
];

impl Rule {
    /// Whether the rule holds for the file at `path` within the checkout.
    pub(super) fn applies_to(&self, path: &str) -> bool {
        let among = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        among(self.within) && !among(self.except)
    }

    /// The lines of `source` that break it, with what was found there.
    pub(super) fn lines(&self, source: &Source) -> Vec<(usize, String)> {
        match self.finds {
            Finds::Words(words) => {
                source.code_lines().flat_map(|(line, code)| found(words, code).map(move |word| (line, word))).collect()
            }
            Finds::QuotedStart(starts) => {
                let begins = |text: &str| starts.iter().find(|start| text.trim_start().starts_with(*start));
                source
                    .quoted()
                    .iter()
                    .filter_map(|(line, text)| Some((*line, begins(text)?.trim().to_owned())))
                    .collect()
            }
            Finds::QuotedPart(parts) => {
                let untested = source.quoted().iter().filter(|(line, _)| *line < source.tests_begin());
                let part = |text: &str| parts.iter().find(|part| text.contains(*part));
                untested.filter_map(|(line, text)| Some((*line, (*part(text)?).to_owned()))).collect()
            }
            Finds::AmountArithmetic => source
                .code_lines()
                .take_while(|(line, _)| *line < source.tests_begin())
                .flat_map(|(line, code)| arithmetic::on_amounts(code).into_iter().map(move |what| (line, what)))
                .collect(),
        }
    }
}

fn found<'words>(words: &'words [&'words str], code: &'words str) -> impl Iterator<Item = String> + 'words {
    words.iter().filter(move |word| holds(code, word)).map(ToString::to_string)
}

/// Whether `word` stands in `code`, and where it begins or ends with a letter, digit or underscore, with no other beside that.
fn holds(code: &str, word: &str) -> bool {
    let part_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(at, _)| {
        let (before, after) = (code.get(..at).unwrap_or_default(), code.get(at + word.len()..).unwrap_or_default());
        let longer_before = word.starts_with(part_of_name) && before.ends_with(part_of_name);
        let longer_after = word.ends_with(part_of_name) && after.starts_with(part_of_name);
        !longer_before && !longer_after
    })
}
