//! From the loader's shell to the widget's field, without the visitor noticing: what was typed, the selection and the focus stay.

use std::any::Any;

use leptos::prelude::{ArcRwSignal, document};
use web_sys::wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, Element, HtmlElement, HtmlInputElement, ShadowRoot};

use crate::model::Screen;

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

/// The field, drawn. It goes when this is dropped.
pub(crate) struct Drawn {
    /// Its element.
    pub(crate) field: Element,
    _mounted: Box<dyn Any>,
}

/// Reads the shell; `None` when the shadow root does not hold one.
pub(crate) fn read(root: &ShadowRoot) -> Option<Shown> {
    let input = find_input(root);
    let offset = |offset: Result<Option<u32>, _>| offset.ok().flatten().unwrap_or_default();
    Some(Shown {
        open: find(root, ".form").is_some(),
        typed: input.as_ref().map(HtmlInputElement::value).unwrap_or_default(),
        selection: input.map(|input| (offset(input.selection_start()), offset(input.selection_end()))).unwrap_or_default(),
        focused: root.active_element().and_then(|piece| piece.class_list().item(0)),
        field: find(root, ".field")?,
    })
}

/// Draws the field and puts it where the shell's was, with the widget's style.
pub(crate) fn replace(root: &ShadowRoot, shown: &Shown, screen: ArcRwSignal<Screen>) -> Option<Drawn> {
    // The view needs a parent until its place is free.
    let parent: HtmlElement = document().create_element("div").ok()?.unchecked_into();
    let mounted = leptos::mount::mount_to(parent.clone(), || super::field(screen));
    let field = parent.first_element_child()?;
    if let Ok(sheet) = CssStyleSheet::new() {
        sheet.replace_sync(include_str!("../style.css")).unwrap_or_default();
        root.adopted_style_sheets().push(&sheet);
    }
    shown.field.replace_with_with_node_1(&field).unwrap_or_default();
    if let Some(input) = find_input(root) {
        input.set_value(&shown.typed);
    }
    if let Some(class) = &shown.focused {
        focus_on(root, &[".", class].concat());
    }
    if let Some(input) = find_input(root) {
        let (start, end) = shown.selection;
        input.set_selection_range(start, end).unwrap_or_default();
    }
    Some(Drawn { field, _mounted: Box::new(mounted) })
}

/// Makes the input, if there is one, hold `text`.
pub(crate) fn fill(root: &ShadowRoot, text: &str) {
    if let Some(input) = find_input(root)
        && input.value() != text
    {
        input.set_value(text);
    }
}

/// Puts the focus on what the field shows: the input, else the button that removes, else the one that opens.
pub(crate) fn focus(root: &ShadowRoot) {
    focus_on(root, ".input,.remove,.open");
}

fn focus_on(root: &ShadowRoot, selector: &str) {
    if let Some(piece) = find(root, selector) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        piece.unchecked_ref::<HtmlElement>().focus_with_options(&options).unwrap_or_default();
    }
}

fn find_input(root: &ShadowRoot) -> Option<HtmlInputElement> {
    find(root, ".input").map(JsCast::unchecked_into)
}

/// The first element of that kind.
pub(crate) fn find(root: &ShadowRoot, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}
