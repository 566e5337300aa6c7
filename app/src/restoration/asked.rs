use leptos::prelude::*;
use vault::Purpose;

use super::api::{Asked, approve_restoration, end_restoration, restorations};
use super::ask::LASTS;
use super::escrow::own_part;
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::language::t;
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
                    Ok(()) => toasts.done(t!("You agreed to open the account of {name}", name)),
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
                <p>{text} " " <span class="hint">{t!("Until {until}.", until)}</span></p>
                <div class="dialog-buttons">
                    {(!own && !is_approved).then(|| view! {
                        <button class="button primary" type="button" aria-label=t!("Agree to open the account of {name}", name)
                            aria-disabled=move || pending.get().to_string() on:click=approve>{t!("Agree")}</button>
                    })}
                    <button class="button" type="button" aria-label=if own { t!("Take back for {name}", name) } else { t!("Refuse for {name}", name) }
                        aria-disabled=move || pending.get().to_string() on:click=end>
                        {if own { t!("Take back") } else { t!("Refuse") }}
                    </button>
                </div>
            </li>
        }
    };
    move || {
        asked.get().and_then(Result::ok).filter(|asked| !asked.is_empty()).map(|asked| {
            view! {
                <section class="card" aria-labelledby="asked-title">
                    <h2 id="asked-title">{t!("Needs two administrators")}</h2>
                    <ul class="actions">{asked.into_iter().map(line).collect_view()}</ul>
                </section>
            }
        })
    }
}

fn text(asked: &Asked, own: bool) -> String {
    let Asked { asked_by: by, name, username, .. } = asked;
    let signer = &asked.signer.entry.username;
    let what = match (asked.restoration.purpose, own) {
        (Purpose::Restore, true) => t!("You ask to restore the access of {name} ({username}).", name, username),
        (Purpose::Restore, false) => {
            t!("{by} ({signer}) asks to restore the access of {name} ({username}).", by, signer, name, username)
        }
        (Purpose::Transfer, true) => t!("You ask to give away what belongs to {name} ({username}).", name, username),
        (Purpose::Transfer, false) => {
            t!("{by} ({signer}) asks to give away what belongs to {name} ({username}).", by, signer, name, username)
        }
    };
    let state = match &asked.approved_by {
        Some(by) => t!("{by} agreed.", by),
        None if own => t!("Another administrator has to agree, on this page.").into(),
        None => t!("Ask them why before you agree.").into(),
    };
    format!("{what} {state}")
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
    let approve = || approve_restoration(restoration.account, restoration.signature.clone(), approval.clone());
    session.proven(approve).await
}
