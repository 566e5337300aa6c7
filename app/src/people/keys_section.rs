use leptos::prelude::*;
use vault::{Doubt, Mandate, RecipientId, SignedEntry, Vouch};

use super::api::{Person, sign_entry};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::t;
use crate::trust::Trust;
use crate::ui::{Dialog, FormError, use_toasts};

/// Whose word a person's keys have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Confirmed,
    /// That of the invitation, which a browser confirms by itself.
    Invited,
    /// Nobody's.
    Nobodys,
    /// They are not those that this browser has seen before, nor later ones. Who has seen the others stays with them, whoever confirms these: a
    /// key never takes the place of another one in the same epoch.
    Changed,
}

impl Word {
    fn of(trust: &Trust, signed: &SignedEntry) -> Self {
        match (trust.identity(signed), &signed.vouch) {
            (Ok(_), Vouch::Signed { .. }) => Self::Confirmed,
            // Later keys of somebody are compared by people.
            (Ok(_), Vouch::Invited { .. }) if signed.entry.epoch == 1 => Self::Invited,
            (Ok(_) | Err(Doubt::Unconfirmed), _) => Self::Nobodys,
            (Err(_), _) => Self::Changed,
        }
    }

    fn text(self, name: &str) -> String {
        match self {
            Self::Confirmed => t!("An administrator has confirmed them.").into(),
            Self::Invited => {
                t!("The invitation answers for them, until your browser has confirmed them by itself.").into()
            }
            Self::Nobodys => t!(
                "Nobody has confirmed them. Until an administrator does, nobody can share with {name}, nor open what {name} shares.",
                name
            ),
            Self::Changed => t!(
                "They are not those that your browser has seen before, and no later ones either: the server may show false ones. Compare them with {name}. \
                 Confirming lets your browser share with {name}; everyone else who has seen the earlier ones stays blocked until {name} starts over with \
                 new keys.",
                name
            ),
        }
    }
}

/// A person's keys: what tells them from others, and how an administrator confirms them.
#[component]
pub(super) fn KeysSection(person: Person, signed: SignedEntry, changed: Trigger) -> impl IntoView {
    let session = use_session();
    let confirming = RwSignal::new(false);
    let fingerprint = signed.entry.fingerprint().text();
    let checked = signed.clone();
    let word = session.load(move || {
        let signed = checked.clone();
        async move { Ok(Word::of(&Trust::load(session).await?, &signed)) }
    });
    let is_own = session.profile_untracked().is_some_and(|profile| profile.id == person.id);
    let (name, shown) = (person.name.clone(), fingerprint.clone());
    let state = move || {
        word.get().map(|word| match word {
            Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            Ok(word) => {
                let needs_confirming = matches!(word, Word::Nobodys | Word::Changed) && !is_own;
                view! {
                    <p class:banner=needs_confirming role=needs_confirming.then_some("status")>{word.text(&name)}</p>
                    {needs_confirming.then(|| view! {
                        <div class="form-buttons">
                            <button class="button" type="button" on:click=move |_| confirming.set(true)>{t!("Compare and confirm")}</button>
                        </div>
                    })}
                }
                .into_any()
            }
        })
    };
    let then = Callback::new(move |is_done: bool| {
        confirming.set(false);
        if is_done {
            changed.notify();
        }
    });
    view! {
        <section class="card" aria-labelledby="keys-title">
            <h2 id="keys-title">{t!("Keys")}</h2>
            <p><code>{shown}</code></p>
            {state}
            {move || confirming.get().then(|| view! { <ConfirmDialog person=person.clone() signed=signed.clone() then /> })}
        </section>
    }
}

/// Asks the administrator to compare, and signs.
#[component]
fn ConfirmDialog(
    person: Person,
    signed: SignedEntry,
    /// What comes after; whether something was changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let (name, fingerprint) = (person.name.clone(), signed.entry.fingerprint().text());
    let administrator = person.administrator;
    let called = name.clone();
    let confirm = move |_| {
        error.set(None);
        let name = called.clone();
        session.act(pending, confirm(session, person.clone(), signed.clone()), move |result| match result {
            Ok(()) => {
                toasts.done(t!("The keys of {name} are confirmed", name));
                then.run(true);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title=t!("Confirm keys") on_cancel=Callback::new(move |()| then.run(false)) can_cancel=Signal::derive(move || !pending.get())>
            <p>
                {t!("Speak with {name} in a way in which nobody else can pretend to be them. Let them open My account and read to you what \
                     stands under Your keys. Is it this?", name)}
            </p>
            <p><code>{fingerprint}</code></p>
            {administrator.then(|| view! {
                <p class="hint">{t!("{name} is an administrator: with your word they can confirm the keys of others.", name)}</p>
            })}
            <FormError error />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                    on:click=move |_| if !pending.get_untracked() { then.run(false) }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=confirm>{t!("Yes, it is the same")}</button>
            </div>
            <HowThisWorks about=help::UNCONFIRMED_KEYS />
        </Dialog>
    }
}

async fn confirm(session: Session, person: Person, signed: SignedEntry) -> Result<(), AppError> {
    if signed.entry.account != person.id || signed.entry.username != person.username {
        return Err(AppError::Unconfirmed);
    }
    let (keys, mut trust) = (session.keys()?, Trust::load(session).await?);
    let mandate = person.administrator.then(|| Mandate::sign(&signed.entry, &keys));
    let pin = signed.entry.pin();
    sign_entry(signed.entry.sign(&keys), mandate).await?;
    trust.pin(RecipientId::Account(person.id), pin);
    trust.remember(session).await;
    Ok(())
}
