use leptos::prelude::*;
use vault::{AccountId, Purpose, Restoration, RestorationCode};

use super::api::ask_restoration;
use super::escrow::own_part;
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::t;
use crate::people::CopyField;
use crate::people::api::Person;
use crate::trust;
use crate::ui::{Dialog, FormError, local_time};

/// How long what is asked for can be agreed to and used, in milliseconds.
pub(super) const LASTS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Makes the link by which a person gets back into their account, once another administrator has agreed.
#[component]
pub(crate) fn RestoreDialog(
    person: Person,
    /// What comes after.
    then: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = RwSignal::new(None::<(RestorationCode, u64)>);
    let Person { id, name, username, .. } = person;
    let called = t!("Username {username}", username);
    let username = StoredValue::new(username);
    let ask = move |_| {
        error.set(None);
        session.act(pending, ask_for_link(session, id, username.get_value()), move |result| match result {
            Ok(link) => made.set(Some(link)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title=t!("Restore access of {name}", name) on_cancel=then can_cancel=Signal::derive(move || !pending.get())>
            {move || match made.get() {
                None => view! {
                    <p class="hint">{called.clone()}</p>
                    <p>
                        {t!("For somebody who has lost both password and recovery code. They set a new password by a link, and keep everything they \
                             have. A second administrator has to agree first, under People. They are told who did it, and when.")}
                    </p>
                    <FormError error />
                    <div class="dialog-buttons">
                        <button class="button" type="button" on:click=move |_| then.run(())>{t!("Cancel")}</button>
                        <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=ask>{t!("Make a link")}</button>
                    </div>
                }.into_any(),
                Some((code, until)) => {
                    let origin = window().location().origin().unwrap_or_default();
                    let url = format!("{origin}/restoration#{}", *code.text());
                    let until = local_time(i64::try_from(until).ok());
                    view! {
                        <p role="status">
                            {t!("The link is ready, and works once another administrator has agreed. Send it in a way that only this person reads: \
                                 whoever opens it then has the account.")}
                        </p>
                        <CopyField label=t!("Link") text=url button=t!("Copy link") />
                        <p class="hint">{t!("It can be used once, until {until}. It is not shown again; a new one can be made.", until)}</p>
                        <div class="dialog-buttons">
                            <button class="button primary" type="button" on:click=move |_| then.run(())>{t!("Done")}</button>
                        </div>
                    }.into_any()
                }
            }}
            <HowThisWorks about=help::LOST_PASSWORD />
        </Dialog>
    }
}

async fn ask_for_link(
    session: Session,
    account: AccountId,
    username: String,
) -> Result<(RestorationCode, u64), AppError> {
    let (keys, code, until) = (session.keys()?, RestorationCode::random(), trust::now() + LASTS);
    let (escrow, part) = own_part(session, account, &username).await?;
    let key = code.public_key();
    let asked = Restoration::sign(account, Purpose::Restore, escrow.generation, &key, until, &keys);
    let approval = part.approve(&asked)?;
    let proof = code.proof().to_vec();
    session.proven(|| ask_restoration(asked.clone(), Some(proof.clone()), approval.clone())).await?;
    Ok((code, until))
}

/// Asks to act for somebody, to give away what they own.
pub(crate) async fn ask_for_transfer(session: Session, account: AccountId, username: String) -> Result<(), AppError> {
    let keys = session.keys()?;
    let (escrow, part) = own_part(session, account, &username).await?;
    let (key, until) = (keys.public().sealing, trust::now() + LASTS);
    let asked = Restoration::sign(account, Purpose::Transfer, escrow.generation, &key, until, &keys);
    let approval = part.approve(&asked)?;
    session.proven(|| ask_restoration(asked.clone(), None, approval.clone())).await
}
