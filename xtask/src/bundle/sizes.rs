//! What the files weigh as they are served, beside the budgets that they may not exceed.

use std::fmt::Write;
use std::path::Path;

use crate::tree;

/// The name of the report in `www/dist`.
pub(crate) const FILE: &str = "sizes.json";

/// What the script tag itself may cost a page, style included: brotli bytes.
const LOADER_MAX: u64 = 1_700;
/// What the widget may cost who uses it, WebAssembly and JavaScript together, its style included: brotli bytes. The whole engine is in it.
/// 49,000 is aimed at next. Lower it with what is won; never raise it.
const WIDGET_MAX: u64 = 54_000;
/// What one language may cost, which is fetched beside it: brotli bytes.
const LANGUAGE_MAX: u64 = 1_600;

/// One file's sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Its name within its release.
    pub(crate) name: String,
    /// As it is.
    pub(crate) raw: u64,
    /// As gzip.
    pub(crate) gzip: u64,
    /// As brotli, which is what browsers get.
    pub(crate) brotli: u64,
    /// What a page writes into `integrity`.
    pub(crate) integrity: String,
}

/// The sizes of one bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Names what the bundle was made from.
    pub(crate) inputs: String,
    /// The release's name, a folder in `r`.
    pub(crate) release: String,
    /// Tools that would have made it smaller, or nothing.
    pub(crate) made_without: String,
    /// `tearoff.js`.
    pub(crate) loader: Size,
    /// `widget.js`.
    pub(crate) glue: Size,
    /// `widget.wasm`.
    pub(crate) wasm: Size,
    /// The largest language file, of which a page loads one.
    pub(crate) words: Size,
}

impl Sizes {
    /// The report in `dist`, if that bundle is whole and was made from exactly `inputs`.
    pub(crate) fn read(dist: &Path, inputs: &str) -> Option<Self> {
        let sizes = Self::parse(&tree::read_text(&dist.join(FILE)).ok()?)?;
        let release = dist.join("r").join(&sizes.release);
        let is_whole = dist.join("tearoff.js").is_file() && release.join("widget.wasm").is_file();
        (sizes.inputs == inputs && is_whole).then_some(sizes)
    }

    /// What is over its budget, in words.
    pub(crate) fn over_budget(&self) -> Vec<String> {
        let over = self.budgets().into_iter().filter(|(_, size, budget)| size > budget);
        over.map(|(what, size, budget)| format!("{what} has {size} B, the budget is {budget} B")).collect()
    }

    /// A table for people.
    pub(crate) fn table(&self) -> String {
        let mut table =
            format!("{:<24}{:>10}{:>10}{:>10}{:>10}\n", self.release, "raw B", "gzip B", "brotli B", "budget B");
        let widget = self.widget();
        for (size, budget) in [
            (&self.loader, Some(LOADER_MAX)),
            (&self.glue, None),
            (&self.wasm, None),
            (&widget, Some(WIDGET_MAX)),
            (&self.words, Some(LANGUAGE_MAX)),
        ] {
            let budget = budget.map(|budget| budget.to_string()).unwrap_or_default();
            let row = format!("{:<24}{:>10}{:>10}{:>10}{:>10}", size.name, size.raw, size.gzip, size.brotli, budget);
            let _infallible = writeln!(table, "{}", row.trim_end());
        }
        table
    }

    /// The report for programs, one value per line.
    pub(crate) fn json(&self) -> String {
        let file = |size: &Size| {
            let Size { name, raw, gzip, brotli, integrity } = size;
            format!(
                "    {{ \"name\": \"{name}\", \"raw\": {raw}, \"gzip\": {gzip}, \"brotli\": {brotli}, \"integrity\": \"{integrity}\" }}"
            )
        };
        let Self { inputs, release, made_without, loader, glue, wasm, words } = self;
        let files = [loader, glue, wasm, words].map(file).join(",\n");
        format!(
            "{{\n  \"inputs\": \"{inputs}\",\n  \"release\": \"{release}\",\n  \"made_without\": \"{made_without}\",\n  \"files\": [\n{files}\n  ]\n}}\n"
        )
    }

    /// Reads what [`Sizes::json`] wrote, and nothing else.
    fn parse(json: &str) -> Option<Self> {
        let top = |key: &str| json.lines().find_map(|line| text(line.strip_prefix("  \"")?, key)).map(str::to_owned);
        let mut files = json.lines().filter(|line| line.starts_with("    {")).map(|line| {
            let number = |key: &str| line.split_once(&format!("\"{key}\": "))?.1.split_once(',')?.0.parse().ok();
            let word = |key: &str| {
                text(line.split_once(&format!("\"{key}\""))?.1.strip_prefix(": \"")?, "").map(str::to_owned)
            };
            Some(Size {
                name: word("name")?,
                raw: number("raw")?,
                gzip: number("gzip")?,
                brotli: number("brotli")?,
                integrity: word("integrity")?,
            })
        });
        let [loader, glue, wasm, words] = [files.next()??, files.next()??, files.next()??, files.next()??];
        Some(Self {
            inputs: top("inputs")?,
            release: top("release")?,
            made_without: top("made_without")?,
            loader,
            glue,
            wasm,
            words,
        })
    }

    fn widget(&self) -> Size {
        let (glue, wasm) = (&self.glue, &self.wasm);
        let name = format!("{} + {}", wasm.name, glue.name);
        Size {
            name,
            raw: glue.raw + wasm.raw,
            gzip: glue.gzip + wasm.gzip,
            brotli: glue.brotli + wasm.brotli,
            integrity: String::new(),
        }
    }

    fn budgets(&self) -> [(String, u64, u64); 3] {
        let widget = self.widget();
        [(&self.loader, LOADER_MAX), (&widget, WIDGET_MAX), (&self.words, LANGUAGE_MAX)]
            .map(|(size, budget)| (size.name.clone(), size.brotli, budget))
    }
}

/// The text up to the closing quote, after `key": "` when there is a key.
fn text<'line>(line: &'line str, key: &str) -> Option<&'line str> {
    let value = if key.is_empty() { line } else { line.strip_prefix(key)?.strip_prefix("\": \"")? };
    value.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::{Size, Sizes, WIDGET_MAX};

    /// What the script beside the module weighs here.
    const GLUE: u64 = 4_000;

    fn sizes(loader: u64, wasm: u64) -> Sizes {
        let size = |name: &str, brotli: u64| Size {
            name: name.to_owned(),
            raw: brotli * 3,
            gzip: brotli + 9,
            brotli,
            integrity: format!("sha256-{name}+/="),
        };
        let (inputs, release, made_without) = ("0a1b".to_owned(), "c2d3".to_owned(), "esbuild".to_owned());
        Sizes {
            inputs,
            release,
            made_without,
            loader: size("tearoff.js", loader),
            glue: size("widget.js", GLUE),
            wasm: size("widget.wasm", wasm),
            words: size("en.json", 900),
        }
    }

    #[test]
    fn a_budget_may_be_reached_and_not_exceeded() {
        assert!(sizes(1_700, WIDGET_MAX - GLUE).over_budget().is_empty());
        assert_eq!(sizes(1_701, 50_000).over_budget(), ["tearoff.js has 1701 B, the budget is 1700 B"]);
        let over = format!("widget.wasm + widget.js has {} B, the budget is {WIDGET_MAX} B", WIDGET_MAX + 1);
        assert_eq!(sizes(1_000, WIDGET_MAX - GLUE + 1).over_budget(), [over]);
    }

    #[test]
    fn the_report_is_read_back() {
        let written = sizes(1_234, 45_678);
        assert_eq!(Sizes::parse(&written.json()), Some(written));
        assert_eq!(Sizes::parse("{}"), None);
    }

    #[test]
    fn the_table_shows_sum_and_budget() {
        let table = sizes(1_234, 45_678).table();
        let sum = format!("widget.wasm + widget.js     149034     49696     49678{WIDGET_MAX:>10}\n");
        assert!(table.contains(&sum), "{table}");
    }
}
