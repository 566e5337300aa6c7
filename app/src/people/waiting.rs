//! What waits to be settled, for administrators: where its owner's browser does not do it, somebody has to know.

use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{Waiting, list_waiting};
use crate::account::use_session;
use crate::language::{n, t};
use crate::ui::number;

/// How many owners are named.
const NAMED: usize = 20;

/// The owners whose browsers do not settle what is due, with what can be done, and how much the others have.
#[component]
pub(super) fn WaitingList() -> impl IntoView {
    let waiting = use_session().load(list_waiting);
    let line = |waiting: Waiting| {
        let address = format!("/people/{}", waiting.owner);
        let text = format!("{}: {}", state_of(&waiting), text_of(&waiting));
        view! { <li class="action"><p><A href=address>{waiting.name}</A> {text}</p></li> }
    };
    move || {
        waiting.get().and_then(Result::ok).filter(|waiting| !waiting.is_empty()).map(|waiting| {
            let (others, named): (Vec<_>, Vec<_>) = waiting.into_iter().partition(Waiting::settles_itself);
            let more = named.len().saturating_sub(NAMED);
            view! {
                <section class="card" aria-labelledby="waiting-title">
                    <h2 id="waiting-title">{t!("Waiting to be settled")}</h2>
                    <p class="hint">{t!("New keys for what somebody could open who has no access any more.")}</p>
                    <ul class="actions">{named.into_iter().take(NAMED).map(line).collect_view()}</ul>
                    {(more > 0).then(|| view! { <p class="hint">{t!("and {more} more", more = number(more))}</p> })}
                    {others_text(&others).map(|text| view! { <p>{text}</p> })}
                </section>
            }
        })
    }
}

impl Waiting {
    /// Whether the owner's browser does it when they open MySafe.
    fn settles_itself(&self) -> bool {
        !self.disabled && self.lost == 0
    }
}

/// Why the owner's browser does not do it, after their name.
fn state_of(waiting: &Waiting) -> &'static str {
    match waiting {
        Waiting { lost: 1.., .. } => t!(", started over"),
        Waiting { disabled: true, .. } => t!(", disabled"),
        _ => "",
    }
}

/// What of one owner's waits, and what can be done.
pub(super) fn text_of(waiting: &Waiting) -> String {
    let advice = match waiting {
        Waiting { lost: 1.., .. } => {
            t!(
                "Nobody has the keys of what they owned before. Let somebody who can open it add it anew, and its owner delete it."
            )
        }
        Waiting { disabled: true, .. } => t!("Transfer what they own, so that it can be settled."),
        _ => t!("Their browser does it when they open MySafe."),
    };
    format!("{}. {advice}", amount(waiting.shares, waiting.secrets))
}

/// What waits for owners who only have to open MySafe.
fn others_text(others: &[Waiting]) -> Option<String> {
    let count = amount(others.iter().map(|of| of.shares).sum(), others.iter().map(|of| of.secrets).sum());
    (!others.is_empty()).then(|| {
        n!(
            others.len(),
            "Of one other person: {count}. Their browser does it when they open MySafe.",
            "Of {n} other people: {count}. Their browsers do it when they open MySafe.",
            count
        )
    })
}

fn amount(shares: u64, secrets: u64) -> String {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let of_shares = n!(count(shares), "{n} share", "{n} shares");
    let of_secrets = n!(count(secrets), "{n} API secret", "{n} API secrets");
    match (shares, secrets) {
        (_, 0) => of_shares,
        (0, _) => of_secrets,
        _ => t!("{shares} and {secrets}", shares = of_shares, secrets = of_secrets),
    }
}

#[cfg(test)]
mod tests {
    use vault::AccountId;

    use super::*;

    #[test]
    fn the_text_says_what_can_be_done() {
        let waiting = |disabled, shares, secrets, lost| Waiting {
            owner: AccountId::random(),
            name: "Carla Dias".into(),
            disabled,
            shares,
            secrets,
            lost,
        };
        let disabled = waiting(true, 12, 0, 0);
        assert_eq!(text_of(&disabled), "12 shares. Transfer what they own, so that it can be settled.");
        assert_eq!(state_of(&disabled), ", disabled");
        let lost = waiting(true, 1, 1, 2);
        assert!(text_of(&lost).starts_with("1 share and 1 API secret. Nobody has the keys"));
        assert_eq!(state_of(&lost), ", started over");
        let active = [waiting(false, 0, 1, 0), waiting(false, 3, 1, 0)];
        assert_eq!(text_of(&active[0]), "1 API secret. Their browser does it when they open MySafe.");
        let others = "Of 2 other people: 3 shares and 2 API secrets. Their browsers do it when they open MySafe.";
        assert_eq!(others_text(&active).as_deref(), Some(others));
        assert_eq!(others_text(&[]), None);
    }
}
