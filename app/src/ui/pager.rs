use leptos::prelude::*;

use crate::language::t;

/// The way to the earlier page of a list in the order of time, and back.
#[component]
pub(crate) fn Pager(
    /// Before which entry the next page begins; `None` on the last one.
    next: Option<u128>,
    /// Where this page and those before it began: the way back.
    before: RwSignal<Vec<u128>>,
) -> impl IntoView {
    let is_first = before.with_untracked(Vec::is_empty);
    (!is_first || next.is_some()).then(|| {
        view! {
            <div class="dialog-buttons">
                <button class="button" type="button" disabled=is_first
                    on:click=move |_| before.update(|before| { before.pop(); })>{t!("Later")}</button>
                <button class="button" type="button" disabled=next.is_none()
                    on:click=move |_| before.update(|before| before.extend(next))>{t!("Earlier")}</button>
            </div>
        }
    })
}
