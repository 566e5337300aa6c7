//! Lists of recipients from elsewhere, such as a spreadsheet or a mail.

use leptos::prelude::*;

use super::api::{RecipientKind, resolve_recipients};
use super::recipients::Recipients;
use crate::account::Session;
use crate::error::AppError;

/// What of a list was not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NotTaken {
    /// Nobody is called so, or more than one.
    unknown: Vec<String>,
    /// Has no keys yet.
    inactive: Vec<String>,
}

/// Takes a pasted list as a whole, and hands on what of it was not taken. What is no list is pasted as it is.
pub(super) fn take_list(
    session: Session,
    event: web_sys::ClipboardEvent,
    recipients: RwSignal<Recipients>,
    groups: bool,
    then: impl FnOnce(Result<NotTaken, AppError>) + 'static,
) {
    let pasted = event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default();
    let texts = split_list(&pasted);
    if texts.len() < 2 {
        return;
    }
    event.prevent_default();
    let asked = texts.clone();
    session.send(RwSignal::new(false), resolve_recipients(texts), move |answer| {
        then(answer.map(|found| {
            let mut not_taken = NotTaken::default();
            for (text, hit) in asked.into_iter().zip(found) {
                match hit.filter(|hit| groups || hit.kind == RecipientKind::Person) {
                    Some(hit) if hit.active => recipients.update(|recipients| recipients.add(hit)),
                    Some(_) => not_taken.inactive.push(text),
                    None => not_taken.unknown.push(text),
                }
            }
            not_taken
        }));
    });
}

/// Says what of a list was not taken.
#[component]
pub(super) fn Missing(missing: RwSignal<NotTaken>) -> impl IntoView {
    let line = |what: &str, texts: &[String]| {
        (!texts.is_empty())
            .then(|| view! { <p class="error" role="alert">{format!("{what}: {}", texts.join(", "))}</p> })
    };
    move || {
        let NotTaken { unknown, inactive } = missing.get();
        view! { {line("Not found, or not for certain", &unknown)} {line("Not active yet", &inactive)} }
    }
}

/// The entries of a list that has a line, a comma or a semicolon between any two.
fn split_list(pasted: &str) -> Vec<String> {
    let entries = pasted.split(['\n', '\r', ',', ';']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_lines_commas_or_semicolons() {
        assert_eq!(
            split_list("bruno, carla@example.com;\r\n Platform team\n\n"),
            ["bruno", "carla@example.com", "Platform team"]
        );
        assert!(split_list(" ,;\n").is_empty());
    }
}
