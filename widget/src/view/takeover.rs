//! From the loader's shell to the widget's field, without the visitor noticing: what was typed, the selection and the focus stay.

use leptos::prelude::{Mountable, Render};
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, Element, HtmlInputElement, ShadowRoot};

use crate::dom;
use crate::model::{Piece, Screen};
use crate::record::Record;

/// What stood in the shell.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Whether the form was open.
    pub(crate) open: bool,
    /// What was typed.
    pub(crate) typed: String,
    selection: (u32, u32),
    /// The class of the piece that had the focus.
    focused: Option<String>,
    field: Element,
}

/// The field, drawn.
pub(crate) struct Drawn {
    root: ShadowRoot,
    screen: Screen,
    redraw: Box<dyn FnMut(&Screen)>,
}

/// Reads the shell; `None` when the shadow root does not hold one.
pub(crate) fn read(root: &ShadowRoot) -> Option<Shown> {
    let input = find_input(root);
    Some(Shown {
        open: find(root, ".form").is_some(),
        typed: input.as_ref().map(HtmlInputElement::value).unwrap_or_default(),
        selection: input
            .map(|input| {
                let input = dom::of(&input);
                (input.selection_start().unwrap_or_default(), input.selection_end().unwrap_or_default())
            })
            .unwrap_or_default(),
        focused: root.active_element().and_then(|piece| piece.class_list().item(0)),
        field: find(root, ".field")?,
    })
}

impl Drawn {
    /// Draws the field and puts it where the shell's was, with the widget's style.
    pub(crate) fn new(root: &ShadowRoot, shown: &Shown, screen: Screen) -> Option<Self> {
        // The view needs a parent until its place is free.
        let parent = dom::of(&root.owner_document()?).create("div");
        let mut state = super::field(&screen).build();
        state.mount(&parent, None);
        if let Ok(sheet) = CssStyleSheet::new() {
            sheet.replace_sync(include_str!("../style.css")).unwrap_or_default();
            root.adopted_style_sheets().push(&sheet);
        }
        dom::of(&shown.field).replace_with(&parent.first_element_child()?);
        if let Some(input) = find_input(root) {
            input.set_value(&shown.typed);
        }
        if let Some(class) = &shown.focused {
            focus_on(root, &[".", class].concat());
        }
        if let Some(input) = find_input(root) {
            let (start, end) = shown.selection;
            dom::of(&input).select(start, end);
        }
        let redraw = Box::new(move |screen: &Screen| super::field(screen).rebuild(&mut state));
        Some(Self { root: root.clone(), screen, redraw })
    }

    /// Draws what has changed. A piece that goes away does not take the focus with it out of the field.
    pub(crate) fn show(&mut self, screen: Screen) {
        if let Some(status) = find(&self.root, ".status") {
            write_text(&status, &screen.status);
        }
        if screen == self.screen {
            return;
        }
        let had_focus = self.root.active_element().is_some();
        (self.redraw)(&screen);
        // The input's text is the visitor's: it is filled in where it is another, so that the caret stays.
        if let (Piece::Form { value, .. }, Some(input)) = (&screen.piece, find_input(&self.root))
            && input.value() != *value
        {
            input.set_value(value);
        }
        if had_focus && self.root.active_element().is_none() {
            self.focus();
        }
        self.screen = screen;
    }

    /// Puts the focus on what the field shows: the input, else the code, else the button that opens.
    pub(crate) fn focus(&self) {
        focus_on(&self.root, ".input,.applied,.open");
    }
}

/// Writes a text where it is another: what is written again is announced, or noticed as a change of the page, again.
pub(crate) fn write_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

fn focus_on(root: &ShadowRoot, selector: &str) {
    if let Some(piece) = find(root, selector) {
        let options = Record::new();
        options.set("preventScroll", &JsValue::TRUE);
        dom::of(&piece).focus(&options);
    }
}

fn find_input(root: &ShadowRoot) -> Option<HtmlInputElement> {
    find(root, ".input").map(JsCast::unchecked_into)
}

fn find(root: &ShadowRoot, selector: &str) -> Option<Element> {
    dom::of(root).find(selector)
}
