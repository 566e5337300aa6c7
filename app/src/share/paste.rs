//! Lists of recipients from elsewhere, such as a spreadsheet or a mail.

use leptos::prelude::*;

use super::api::{Recipient, resolve_recipients};
use super::recipients::Recipients;
use crate::account::Session;
use crate::error::AppError;

/// Takes a pasted list as a whole, and hands on which of its entries nobody is called for certain. What is no list is pasted as it is.
pub(super) fn take_list(
    session: Session,
    event: web_sys::ClipboardEvent,
    recipients: RwSignal<Recipients>,
    accepts: fn(&Recipient) -> bool,
    then: impl FnOnce(Result<Vec<String>, AppError>) + 'static,
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
            let mut unknown = Vec::new();
            for (text, hit) in asked.into_iter().zip(found) {
                match hit.filter(|hit| hit.active && accepts(hit)) {
                    Some(hit) => recipients.update(|recipients| recipients.add(hit)),
                    None => unknown.push(text),
                }
            }
            unknown
        }));
    });
}

/// What of a list was not taken.
#[component]
pub(super) fn Missing(missing: RwSignal<Vec<String>>) -> impl IntoView {
    move || {
        missing.with(|missing| {
            (!missing.is_empty()).then(|| {
                view! { <p class="error" role="alert">{format!("Not found, or not for certain: {}", missing.join(", "))}</p> }
            })
        })
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
