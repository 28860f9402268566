//! What happens in the field and on the page around it.

use web_sys::wasm_bindgen::prelude::Closure;
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, MutationObserver, MutationObserverInit, ShadowRoot};

use super::{Shell, page};
use crate::model::{Event, RemovedBy};
use crate::record::{self, Record};

/// Listens and watches until it is dropped.
pub(crate) struct Watch {
    root: ShadowRoot,
    observer: Option<MutationObserver>,
    listener: Closure<dyn Fn(web_sys::Event)>,
    _changed: Closure<dyn Fn()>,
}

const IN_FIELD: [&str; 4] = ["click", "input", "keydown", "submit"];
const ON_WINDOW: [&str; 2] = ["online", "pageshow"];
const ON_DOCUMENT: [&str; 2] = ["change", "visibilitychange"];

impl Watch {
    /// Watches for `shell`.
    pub(crate) fn new(shell: &Shell) -> Self {
        let changed = {
            let shell = shell.clone();
            Closure::<dyn Fn()>::new(move || shell.look_around())
        };
        let listener = {
            let shell = shell.clone();
            Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| hear(&shell, &event))
        };
        let observer = MutationObserver::new(changed.as_ref().unchecked_ref()).ok();
        let watch = Self { root: shell.drawn().root(), observer, listener, _changed: changed };
        watch.start();
        watch
    }

    fn start(&self) {
        self.each(|target, kind| {
            target.add_event_listener_with_callback(kind, self.listener.as_ref().unchecked_ref()).unwrap_or_default();
        });
        let (Some(observer), Some(document)) = (&self.observer, page::document()) else { return };
        let attributes: js_sys::Array = page::LINE.iter().map(|name| JsValue::from(*name)).collect();
        let options = Record::new();
        for what in ["subtree", "childList", "characterData"] {
            options.set(what, &JsValue::TRUE);
        }
        options.set("attributeFilter", &attributes);
        let options: MutationObserverInit = options.unchecked_into();
        observer.observe_with_options(&document, &options).unwrap_or_default();
    }

    fn each(&self, act: impl Fn(&EventTarget, &str)) {
        let (Some(window), Some(document)) = (web_sys::window(), page::document()) else { return };
        let targets: [(&EventTarget, &[&str]); 3] =
            [(&self.root, &IN_FIELD), (&window, &ON_WINDOW), (&document, &ON_DOCUMENT)];
        for (target, kinds) in targets {
            kinds.iter().for_each(|kind| act(target, kind));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.each(|target, kind| {
            target
                .remove_event_listener_with_callback(kind, self.listener.as_ref().unchecked_ref())
                .unwrap_or_default();
        });
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

fn hear(shell: &Shell, event: &web_sys::Event) {
    let record: &Record = event.unchecked_ref();
    let target = record::of(record.get("target"));
    let of_target = |name: &str| target.as_ref().and_then(|target| target.text(name)).unwrap_or_default();
    shell.happen(match event.type_().as_str() {
        "submit" => {
            event.prevent_default();
            // While there was no code nobody looked at the page.
            shell.read_page();
            Event::Submitted
        }
        "input" => Event::Typed(of_target("value")),
        "click" => match of_target("className").as_str() {
            "open toggle" => Event::Opened,
            "remove" => Event::Removed(RemovedBy::Visitor),
            _ => return,
        },
        "keydown" if record.text("key").as_deref() == Some("Escape") => Event::Escaped,
        "keydown" => return,
        // The e-mail address may have been typed to its end.
        "change" => return shell.look_around(),
        // It is back in sight or on the network.
        _ => Event::Resumed { restored: record.get("persisted").is_truthy() },
    });
}
