//! HTML, written piece by piece. What is not ours to mark up is escaped.

/// A page that is being written.
#[derive(Debug)]
pub(super) struct Html(String);

impl Html {
    /// A page with this title.
    pub(super) fn begin(title: &str) -> Self {
        let mut page = Self(String::with_capacity(512 * 1024));
        page.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>").text(title);
        page.raw("</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>");
        page
    }

    /// The page, whole.
    pub(super) fn end(mut self) -> String {
        self.raw("</body></html>\n");
        self.0
    }

    /// Adds markup.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escaped(text));
        self
    }

    /// Opens an element with this id, if it has one.
    pub(super) fn open(&mut self, name: &str, id: &str) -> &mut Self {
        let id = if id.is_empty() { String::new() } else { format!(" id=\"{}\"", escaped(id)) };
        self.raw(&format!("<{name}{id}>"))
    }

    /// Closes it.
    pub(super) fn close(&mut self, name: &str) -> &mut Self {
        self.raw(&format!("</{name}>"))
    }

    /// Adds a whole element that holds a text, of a class if one is named.
    pub(super) fn element(&mut self, name: &str, class: &str, text: &str) -> &mut Self {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.raw(&format!("<{name}{class}>")).text(text).close(name)
    }

    /// Adds a link within the page.
    pub(super) fn link(&mut self, anchor: &str, text: &str) -> &mut Self {
        self.raw(&format!("<a href=\"#{}\">", escaped(anchor))).text(text).raw("</a>")
    }
}

/// A text without anything that markup could be made of.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A text whose `pieces of code` are marked as such.
pub(super) fn marked(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let piece = |(at, piece): (usize, &str)| {
        if at % 2 == 1 { format!("<code>{}</code>", escaped(piece)) } else { escaped(piece) }
    };
    pieces.map(piece).collect()
}

/// Paragraphs, which empty lines divide.
pub(super) fn paragraphs(text: &str) -> String {
    let some = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    some.map(|paragraph| format!("<p>{}</p>", marked(paragraph.trim()))).collect()
}
