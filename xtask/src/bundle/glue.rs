//! The script that wasm-bindgen writes, cut down to what the loader uses of it, with the widget's own scripts behind it.
//!
//! wasm-bindgen keeps every class and function that any dependency exports, and gives each import a long name with a hash in it, which
//! no compressor makes small. Its version is locked, so its way of writing is known; where it is not as expected, a build fails.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::{Failure, Outcome};

/// What the loader uses of the script; everything else in it is left out. The loader hands over the answer that it asked for, so this
/// start of the module takes nothing else. The page's language is fetched meanwhile. A host that serves WebAssembly under a wrong type costs a second reading, no more.
pub(crate) const ENTRY: &str = r#"import { __wbg_get_imports, __wbg_finalize_init, mount, wordsFor } from "./widget.js";
export default async (response) => {
  wordsFor(document.documentElement).catch(() => {});
  const imports = __wbg_get_imports();
  const { instance } = await WebAssembly.instantiateStreaming(response.clone(), imports)
    .catch(async () => WebAssembly.instantiate(await response.arrayBuffer(), imports));
  __wbg_finalize_init(instance);
  return mount;
};
"#;
/// The last line of the script, and what it becomes for that entry.
const EXPORTS: (&str, &str) =
    ("export { initSync, __wbg_init as default };", "export { __wbg_get_imports, __wbg_finalize_init };");

/// How the table of functions that WebAssembly imports begins and ends.
const IMPORTS_BEGIN: &str = "    const import0 = {\n        __proto__: null,\n";
const IMPORTS_END: &str = "\n    };\n";
/// The name under which WebAssembly imports that table.
const MODULE: &str = "\"./widget_bg.js\": import0";

/// What the optimizer renamed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Imported functions, by their old names. One that is missing is not imported any more.
    imports: BTreeMap<String, String>,
    /// Exported functions, by their old names.
    exports: BTreeMap<String, String>,
}

/// The script in a form of which a minifier can leave out what is not used.
pub(crate) fn prepared(script: &str) -> String {
    let kept = script.lines().filter(|line| !line.starts_with("if (Symbol.dispose) "));
    let text: String = kept.flat_map(|line| [line, "\n"]).collect();
    text.replace("new FinalizationRegistry", "/* @__PURE__ */ new FinalizationRegistry")
        .replace("widget_bg.wasm", "widget.wasm")
}

/// The widget's own scripts, modules without cycles in the order in which they are named, as one text: what they import from each other
/// stands before them.
pub(crate) fn joined(scripts: &[String], style: &str) -> String {
    let is_import = |line: &&str| line.starts_with("import ");
    let lines = scripts.iter().flat_map(|script| script.lines()).filter(|line| !is_import(line));
    let text: String = lines
        .flat_map(|line| [line.strip_prefix("export ").filter(|_| !is_kept(line)).unwrap_or(line), "\n"])
        .collect();
    text.replace("__STYLE__", &style.lines().collect::<String>())
}

/// Whether the export of this line is for the loader or the entry.
fn is_kept(line: &str) -> bool {
    ["mount", "wordsFor"].iter().any(|name| line.starts_with(&format!("export const {name} ")))
}

/// The `prepared` script with the exports that [`ENTRY`] takes.
///
/// # Errors
/// When the script is not written as expected.
pub(crate) fn opened(prepared: &str) -> Outcome<String> {
    let (theirs, ours) = EXPORTS;
    if prepared.contains(theirs) {
        Ok(prepared.replace(theirs, ours))
    } else {
        Err(unexpected("it has no known exports"))
    }
}

fn unexpected(what: &str) -> Failure {
    Failure::new(format!("wasm-bindgen's script is not written as expected: {what}"))
}

/// The names of all that `bundled`, a script without unused parts, takes from the WebAssembly module.
///
/// # Errors
/// When it does not start the module, and so is no such script.
pub(crate) fn exports_used(bundled: &str) -> Outcome<BTreeSet<&str>> {
    let used: BTreeSet<_> = bundled.split("wasm.").skip(1).map(leading_name).filter(|name| !name.is_empty()).collect();
    let is_glue = used.contains("__wbindgen_start") && used.iter().any(|name| name.starts_with("field_"));
    if is_glue { Ok(used) } else { Err(unexpected("it does not start the module")) }
}

/// The graph for `wasm-metadce`: what is reached from outside are the exports used.
pub(crate) fn graph(used: &BTreeSet<&str>) -> String {
    let quoted: Vec<_> = used.iter().map(|name| format!("\"{name}\"")).collect();
    let nodes: String = quoted.iter().map(|name| format!(",\n{{ \"name\": {name}, \"export\": {name} }}")).collect();
    format!("[{{ \"name\": \"page\", \"root\": true, \"reaches\": [{}] }}{nodes}]\n", quoted.join(", "))
}

impl Names {
    /// Reads what `wasm-opt` prints when it renames: lines `["module", "old", "new"]` for imports and `["old", "new"]` for exports.
    ///
    /// # Errors
    /// When there are none.
    pub(crate) fn parse(printed: &str) -> Outcome<Self> {
        let mut names = Self::default();
        for line in printed.lines() {
            let quoted: Vec<_> = line.split('"').skip(1).step_by(2).collect();
            match quoted[..] {
                [_, old, new] if line.trim_start().starts_with('[') => {
                    _ = names.imports.insert(old.to_owned(), new.to_owned())
                }
                [old, new] if line.trim_start().starts_with('[') => {
                    _ = names.exports.insert(old.to_owned(), new.to_owned())
                }
                _ => {}
            }
        }
        if names.imports.is_empty() || names.exports.is_empty() {
            return Err(Failure::new("wasm-opt did not tell how it renamed imports and exports"));
        }
        Ok(names)
    }

    /// The `prepared` script with the new names, and without the functions that are not imported any more.
    ///
    /// # Errors
    /// When the script is not written as expected.
    pub(crate) fn apply(&self, prepared: &str) -> Outcome<String> {
        let (head, rest) =
            prepared.split_once(IMPORTS_BEGIN).ok_or_else(|| unexpected("it has no table of imports"))?;
        let (table, tail) =
            rest.split_once(IMPORTS_END).ok_or_else(|| unexpected("its table of imports does not end"))?;
        if tail.matches(MODULE).count() != 1 || tail.contains("import1") {
            return Err(unexpected("it imports more than one module"));
        }
        let (table, kept) = self.table(table);
        if kept != self.imports.len() {
            return Err(unexpected("its table lacks an import"));
        }
        let tail = tail.replace(MODULE, "a: import0");
        let whole = format!("{head}{IMPORTS_BEGIN}{}{IMPORTS_END}{tail}", table.trim_end());
        let mut parts = whole.split("wasm.");
        let mut renamed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let name = leading_name(part);
            renamed.push_str("wasm.");
            renamed.push_str(self.exports.get(name).map_or(name, String::as_str));
            renamed.push_str(part.get(name.len()..).unwrap_or_default());
        }
        Ok(renamed)
    }

    /// The entries of the table that are still imported, under their new names, and how many they are. An entry begins on a line with
    /// eight spaces and a name; the lines of its body have more.
    fn table(&self, table: &str) -> (String, usize) {
        let (mut text, mut kept, mut keeping) = (String::new(), 0_usize, false);
        for line in table.lines() {
            let name = line.strip_prefix("        ").map(leading_name).filter(|name| !name.is_empty());
            if let Some(name) =
                name.filter(|name| line.get(8 + name.len()..).is_some_and(|rest| rest.starts_with(": ")))
            {
                let new = self.imports.get(name);
                keeping = new.is_some();
                kept += usize::from(keeping);
                let rest = line.get(8 + name.len()..).unwrap_or_default();
                text.extend(new.map(|new| format!("        {new}{rest}\n")));
            } else if keeping {
                text.push_str(line);
                text.push('\n');
            }
        }
        (text, kept)
    }
}

fn leading_name(text: &str) -> &str {
    let end =
        text.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '$')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Names, exports_used, graph, joined, opened, prepared};

    const SCRIPT: &str = r#"export class Unused {
    free() { wasm.unused_free(this.ptr); }
}
if (Symbol.dispose) Unused.prototype[Symbol.dispose] = Unused.prototype.free;
export function mount(host) {
    wasm.mount(host);
}
function imports() {
    const import0 = {
        __proto__: null,
        __wbg_close_294d: function() { return handleError(function (arg0) {
            arg0.close();
        }, arguments); },
        __wbg_length_186: function(arg0) {
            if (arg0) {
                arg0 = {
                };
            }
            return wasm.memory.buffer;
        },
    };
    return { __proto__: null, "./widget_bg.js": import0, };
}
const UnusedFinalization = new FinalizationRegistry(ptr => wasm.unused_free(ptr));
wasm.__wbindgen_start(new URL('widget_bg.wasm', import.meta.url));
export { initSync, __wbg_init as default };
"#;
    const PRINTED: &str = "{\n \"imports\": [\n  [\"./widget_bg.js\", \"__wbg_length_186\", \"A\"],\n ],\n\"exports\": [\n  [\"memory\", \"K\"],\n  [\"mount\", \"L\"]\n ]\n}\n";

    #[test]
    fn a_minifier_can_leave_unused_classes_out() {
        let text = prepared(SCRIPT);
        assert!(!text.contains("Symbol.dispose"));
        assert!(text.contains("= /* @__PURE__ */ new FinalizationRegistry("));
        assert!(text.contains("new URL('widget.wasm', "));
    }

    #[test]
    fn the_script_is_opened_for_our_own_start() {
        let text = opened(SCRIPT).expect("known exports");
        assert!(text.ends_with("export { __wbg_get_imports, __wbg_finalize_init };\n"));
        assert!(opened(&text).is_err());
    }

    #[test]
    fn scripts_become_one() {
        let scripts = [
            "export const read = 1;\n",
            "import { read } from \"./bytes.js\";\nexport const mount = read;\n`__STYLE__`",
        ];
        let joined = joined(&scripts.map(str::to_owned), "a{}\nb{}\n");
        assert_eq!(joined, "const read = 1;\nexport const mount = read;\n`a{}b{}`\n");
    }

    #[test]
    fn the_exports_in_use_are_those_that_are_named() {
        let used = exports_used("wasm.field_happen(wasm.memory);\nwasm.__wbindgen_start();").expect("glue");
        assert_eq!(used.iter().copied().collect::<Vec<_>>(), ["__wbindgen_start", "field_happen", "memory"]);
        assert!(exports_used("wasm.field_happen()").is_err());
        let one = std::collections::BTreeSet::from(["mount"]);
        assert_eq!(
            graph(&one),
            "[{ \"name\": \"page\", \"root\": true, \"reaches\": [\"mount\"] },\n{ \"name\": \"mount\", \"export\": \"mount\" }]\n"
        );
    }

    #[test]
    fn names_are_shortened_and_unused_imports_removed() {
        let names = Names::parse(PRINTED).expect("renamed");
        let text = names.apply(&prepared(SCRIPT)).expect("as expected");
        assert!(
            text.contains("        __proto__: null,\n        A: function(arg0) {\n            if (arg0) {\n"),
            "{text}"
        );
        assert!(text.contains("            return wasm.K.buffer;\n        },\n    };\n    return"), "{text}");
        assert!(text.contains("a: import0, }"), "{text}");
        assert!(text.contains("export function mount(host) {\n    wasm.L(host);"), "{text}");
        assert!(!text.contains("close"), "{text}");
    }

    #[test]
    fn a_script_that_is_not_as_expected_is_refused() {
        let names = Names::parse(PRINTED).expect("renamed");
        assert!(names.apply("").is_err());
        assert!(names.apply(&SCRIPT.replace("__wbg_length_186", "other")).is_err());
        assert!(names.apply(&SCRIPT.replace("import0, }", "import0, \"./snippet.js\": import1 }")).is_err());
        assert!(Names::parse("").is_err());
    }
}
