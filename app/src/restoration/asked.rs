use leptos::prelude::*;
use vault::Purpose;

use super::api::{Asked, approve_restoration, end_restoration, restorations};
use super::ask::LASTS;
use super::escrow::own_part;
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::trust::{self, Trust};
use crate::ui::{local_time, use_toasts};

/// By how much clocks may differ, in milliseconds.
const CLOCKS_DIFFER: u64 = 10 * 60 * 1000;

/// What administrators have asked each other for: to agree to, to refuse, or to take back.
#[component]
pub(crate) fn AskedList() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (pending, again) = (RwSignal::new(false), Trigger::new());
    let asked = session.load(move || {
        again.track();
        restorations()
    });
    let line = move |asked: Asked| {
        let own = session.profile_untracked().is_some_and(|profile| profile.id == asked.restoration.signer);
        let (account, is_approved) = (asked.restoration.account, asked.approved_by.is_some());
        let until = local_time(i64::try_from(asked.restoration.expires_at).ok());
        let text = text(&asked, own);
        let name = asked.name.clone();
        let approve = move |_| {
            let name = asked.name.clone();
            session.act(pending, approve(session, asked.clone()), move |result| {
                match result {
                    Ok(()) => toasts.done(format!("You agreed to open the account of {name}")),
                    Err(failed) => toasts.failed(failed.to_string()),
                }
                again.notify();
            });
        };
        let end = move |_| {
            session.act(pending, end_restoration(account), move |result| {
                if let Err(failed) = result {
                    toasts.failed(failed.to_string());
                }
                again.notify();
            });
        };
        view! {
            <li class="action">
                <p>{text} " " <span class="hint">{format!("Until {until}.")}</span></p>
                <div class="dialog-buttons">
                    {(!own && !is_approved).then(|| view! {
                        <button class="button primary" type="button" aria-label=format!("Agree to open the account of {name}")
                            aria-disabled=move || pending.get().to_string() on:click=approve>"Agree"</button>
                    })}
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=end
                        aria-label=format!("{} for {name}", if own { "Take back" } else { "Refuse" })>
                        {if own { "Take back" } else { "Refuse" }}
                    </button>
                </div>
            </li>
        }
    };
    move || {
        asked.get().and_then(Result::ok).filter(|asked| !asked.is_empty()).map(|asked| {
            view! {
                <section class="card" aria-labelledby="asked-title">
                    <h2 id="asked-title">"Needs two administrators"</h2>
                    <ul class="actions">{asked.into_iter().map(line).collect_view()}</ul>
                </section>
            }
        })
    }
}

fn text(asked: &Asked, own: bool) -> String {
    let who = if own { "You ask".into() } else { format!("{} ({}) asks", asked.asked_by, asked.signer.entry.username) };
    let what = match asked.restoration.purpose {
        Purpose::Restore => "to restore the access of",
        Purpose::Transfer => "to give away what belongs to",
    };
    let state = match &asked.approved_by {
        Some(by) => format!("{by} agreed."),
        None if own => "Another administrator has to agree, on this page.".into(),
        None => "Ask them why before you agree.".into(),
    };
    format!("{who} {what} {} ({}). {state}", asked.name, asked.username)
}

/// Hands the own part to the one who is to open the account, once it is certain who asks.
async fn approve(session: Session, asked: Asked) -> Result<(), AppError> {
    let restoration = asked.restoration;
    Trust::load(session).await?.administrator(&asked.signer)?;
    if asked.signer.entry.account != restoration.signer || !restoration.is_by(&asked.signer.entry) {
        return Err(AppError::Unconfirmed);
    }
    // What has ended must not be brought back by showing it again.
    if trust::now() >= restoration.expires_at || restoration.expires_at > trust::now() + LASTS + CLOCKS_DIFFER {
        return Err(AppError::RestorationChanged);
    }
    let (escrow, part) = own_part(session, restoration.account, &asked.username).await?;
    if escrow.generation != restoration.generation {
        return Err(AppError::RestorationChanged);
    }
    let approval = part.approve(&restoration)?;
    approve_restoration(restoration.account, restoration.signature, approval).await
}
