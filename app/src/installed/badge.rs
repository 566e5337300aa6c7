use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::account::{Session, Standing};
use crate::secret::SecretList;

/// Shows on the icon of the application how many secrets are new, while the person's keys are open; nothing in browsers that cannot.
pub(super) fn show_new(session: Session, list: SecretList) {
    let navigator: JsValue = window().navigator().into();
    let Ok(found) = Reflect::get(&navigator, &"setAppBadge".into()) else { return };
    let Ok(set) = found.dyn_into::<Function>() else { return };
    // Not known while the list is loaded.
    let count = Memo::new(move |_| match session.standing() {
        Standing::Unlocked(_) => list.is_loaded().then(|| list.count_new()),
        _ => Some(0),
    });
    Effect::new(move || {
        let Some(count) = count.get() else { return };
        // Zero takes the badge away.
        let count = JsValue::from(u32::try_from(count).unwrap_or(u32::MAX));
        if let Ok(answer) = set.call1(&navigator, &count) {
            let answer: Promise = answer.unchecked_into();
            // Browsers refuse it where the person has not allowed it; nothing depends on it.
            leptos::task::spawn_local(async move {
                let _ = JsFuture::from(answer).await;
            });
        }
    });
}
