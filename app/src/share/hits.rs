use leptos::prelude::*;

use super::api::Recipient;
use super::recipients::Recipients;
use crate::language::t;

/// What the search knows: what was asked, and what was found for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub text: String,
    pub hits: Vec<Recipient>,
}

/// The list of what was found.
#[component]
pub(super) fn Hits(
    found: RwSignal<Found>,
    active: RwSignal<Option<usize>>,
    recipients: RwSignal<Recipients>,
    open: Signal<bool>,
    pick: Callback<Recipient>,
) -> impl IntoView {
    let option = move |index: usize, hit: Recipient| {
        let picked = recipients.with(|recipients| recipients.contains(hit.id));
        let available = hit.active;
        let typed = found.with(|found| found.text.clone());
        let chosen = hit.clone();
        view! {
            <li role="option" id=format!("hit-{index}") class="hit" class:active=move || active.get() == Some(index)
                aria-selected=move || (active.get() == Some(index)).to_string() aria-disabled=(!available).to_string()
                // The text keeps the focus.
                on:mousedown=move |event| event.prevent_default() on:click=move |_| pick.run(chosen.clone())>
                <span class="hit-name">{marked(&hit.name, &typed)}</span>
                <span class="hint">{marked(&hit.detail, &typed)}</span>
                <span class="kind">
                    {hit.kind.label()} {(!available).then_some(t!(" · not active yet"))} {picked.then_some(t!(" · picked"))}
                </span>
            </li>
        }
    };
    view! {
        <ul id="hits" class="hits" role="listbox" aria-label=t!("People and groups") hidden=move || !open.get()>
            {move || found.get().hits.into_iter().enumerate().map(|(index, hit)| option(index, hit)).collect_view()}
        </ul>
    }
}

/// A text in which what was typed is marked.
fn marked(text: &str, typed: &str) -> AnyView {
    match position(text, typed) {
        Some((from, to)) => {
            let (before, mark, after) = (text[..from].to_owned(), text[from..to].to_owned(), text[to..].to_owned());
            view! { {before} <mark>{mark}</mark> {after} }.into_any()
        }
        None => text.to_owned().into_any(),
    }
}

/// Where a text has another in it, without regard to case.
fn position(text: &str, typed: &str) -> Option<(usize, usize)> {
    let typed: Vec<char> = typed.chars().flat_map(char::to_lowercase).collect();
    text.char_indices().map(|(from, _)| from).find_map(|from| {
        let mut rest = text[from..].char_indices();
        let mut expected = typed.iter().peekable();
        while expected.peek().is_some() {
            let (_, char) = rest.next()?;
            if !char.to_lowercase().all(|lower| expected.next() == Some(&lower)) {
                return None;
            }
        }
        Some((from, rest.next().map_or(text.len(), |(at, _)| from + at)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_found_whatever_its_case() {
        assert_eq!(position("Bruno Costa", "COS"), Some((6, 9)));
        assert_eq!(position("Ünal", "ün"), Some((0, 3)));
        assert_eq!(position("aab", "ab"), Some((1, 3)));
        assert_eq!(position("Bruno", "brunos"), None);
        assert_eq!(position("Bruno", "Bruno"), Some((0, 5)));
    }
}
