use leptos::prelude::*;

use crate::language::t;

/// Stands where something is being loaded: said to screen readers, and seen once it has taken longer than a moment.
pub(crate) fn skeleton<T: Send + Sync + 'static>(loaded: RwSignal<Option<T>>) -> AnyView {
    lines(Signal::derive(move || loaded.with(Option::is_none)))
}

fn lines(is_waiting: Signal<bool>) -> AnyView {
    (move || {
        is_waiting.get().then(|| {
            view! { <div class="card skeleton"><p class="visually-hidden" role="status">{t!("Loading …")}</p></div> }
        })
    })
    .into_any()
}
