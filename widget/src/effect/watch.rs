//! What happens in the field and on the page around it.

use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event as PageEvent, EventTarget, ShadowRoot};

use super::{Shell, page};
use crate::dom::{self, Dom, Observer};
use crate::model::{Event, RemovedBy};
use crate::record::{self, Record};

/// Listens and watches until it is stopped.
pub(super) struct Watch {
    root: ShadowRoot,
    listener: JsValue,
    observer: Observer,
}

const IN_FIELD: [&str; 4] = ["click", "input", "keydown", "submit"];
const ON_WINDOW: [&str; 2] = ["online", "pageshow"];
const ON_DOCUMENT: [&str; 2] = ["change", "visibilitychange"];

impl Watch {
    /// Watches for `shell`, whose field stands in `root`.
    pub(super) fn start(shell: Shell, root: ShadowRoot) -> Self {
        let listener = record::function(move |event| {
            hear(shell, event.unchecked_ref());
            JsValue::UNDEFINED
        });
        let changed = record::function(move |_| {
            shell.look_around();
            JsValue::UNDEFINED
        });
        let observer = Observer::new(&changed);
        let watch = Self { root, listener, observer };
        watch.each(Dom::listen);
        watch.observe();
        watch
    }

    /// Stops.
    pub(super) fn stop(&self) {
        self.each(Dom::stop_listening);
        self.observer.disconnect();
    }

    fn observe(&self) {
        let Some(document) = page::document() else { return };
        let attributes: js_sys::Array = page::LINE.iter().map(|name| JsValue::from(*name)).collect();
        let options = Record::new();
        for what in ["subtree", "childList", "characterData"] {
            options.set(what, &JsValue::TRUE);
        }
        options.set("attributeFilter", &attributes);
        self.observer.observe(&document, &options);
    }

    fn each(&self, act: fn(&Dom, &str, &JsValue)) {
        let (Some(window), Some(document)) = (web_sys::window(), page::document()) else { return };
        let targets: [(&EventTarget, &[&str]); 3] =
            [(&self.root, &IN_FIELD), (&window, &ON_WINDOW), (&document, &ON_DOCUMENT)];
        for (target, kinds) in targets {
            for kind in kinds {
                act(dom::of(target), kind, &self.listener);
            }
        }
    }
}

fn hear(shell: Shell, event: &PageEvent) {
    let record: &Record = event.unchecked_ref();
    let target = record::of(record.get("target"));
    let of_target = |name: &str| target.as_ref().and_then(|target| target.text(name)).unwrap_or_default();
    shell.happen(match event.type_().as_str() {
        "submit" => {
            event.prevent_default();
            return shell.submit();
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
