use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccessKey, AccountId, AccountKeys, Entry};

use super::api::{NewAccessKey, add_access_key};
use crate::account::check::{check_text, check_username};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::people::CopyField;
use crate::trust;
use crate::ui::{Dialog, Field, FormError};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// After how many days an access key may end; what is chosen at first is the longest of them.
const LASTS: [u64; 3] = [30, 90, 365];

/// Asks what an access key is for, and shows it once.
#[component]
pub(super) fn AddDialog(
    /// What comes after; whether there is a new one.
    then: Callback<bool>,
) -> impl IntoView {
    let session = use_session();
    let (name, username) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let days = RwSignal::new(LASTS.last().copied());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = RwSignal::new(None::<AccessKey>);
    let close = move || then.run(made.with_untracked(Option::is_some));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let name = check_text(text!("Name"), &name.get_untracked())?;
            let username = check_username(&username.get_untracked())?;
            make(session, name, &username, days.get_untracked()).await
        };
        session.act(pending, work, move |result| match result {
            Ok(key) => made.set(Some(key)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    let length = |count: u64| match count {
        365 => t!("In a year").to_owned(),
        count => t!("In {count} days", count),
    };
    view! {
        <Dialog title=t!("Add access key") on_cancel=Callback::new(move |()| close()) can_cancel=Signal::derive(move || !pending.get())>
            {move || match made.get() {
                Some(key) => view! { <KeyView key then=Callback::new(move |()| close()) /> }.into_any(),
                None => view! {
                    <form on:submit=submit novalidate>
                        <Field label=text!("Name") value=name error required=true hint=t!("What it is for, such as: deployment of the shop.") />
                        <Field label=text!("Username") value=username error required=true hint=t!("Others know it by this, and it cannot be changed.") />
                        <label class="field">
                            <span>{t!("Ends")}</span>
                            <select on:change=move |event| days.set(event_target_value(&event).parse().ok())>
                                {LASTS.map(|count| view! {
                                    <option value=count.to_string() selected={days.get_untracked() == Some(count)}>{length(count)}</option>
                                }).collect_view()}
                                <option value="">{t!("Never")}</option>
                            </select>
                        </label>
                        <FormError error />
                        <div class="dialog-buttons">
                            <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                                on:click=move |_| if !pending.get_untracked() { close() }>{t!("Cancel")}</button>
                            <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Add")}</button>
                        </div>
                    </form>
                }.into_any(),
            }}
            <HowThisWorks about=help::ACCESS_KEYS />
        </Dialog>
    }
}

#[component]
fn KeyView(key: AccessKey, then: Callback<()>) -> impl IntoView {
    view! {
        <p role="status">
            {t!("The access key is ready. It is shown this once: put it where the program reads it, as MYSAFE_ACCESS_KEY. Whoever has it opens what is \
                 shared with it.")}
        </p>
        <CopyField label=t!("Access key") text=key.text().to_string() button=t!("Copy access key") />
        <details class="more">
            <summary>{t!("For programs that sign in by OAuth 2.0")}</summary>
            <p class="hint">{t!("These two sign in, but open nothing.")}</p>
            <CopyField label=t!("Client ID of the access key") text=key.account().to_string() button=t!("Copy client ID") />
            <CopyField label=t!("Client secret of the access key") text=key.client_secret().to_string() button=t!("Copy secret of the client") />
        </details>
        <div class="dialog-buttons">
            <button class="button primary" type="button" on:click=move |_| then.run(())>{t!("Done")}</button>
        </div>
    }
}

/// Makes an access key, whose account trusts whom its maker trusts, and hands its sealed keys to the server.
async fn make(session: Session, name: String, username: &str, days: Option<u64>) -> Result<AccessKey, AppError> {
    let maker = session.keys()?;
    let key = AccessKey::random(AccountId::random());
    let (keys, sealed) = AccountKeys::create_for_access_key(&key, maker.root());
    let new = NewAccessKey {
        entry: Entry::first(&keys, username).sign(&maker),
        name,
        keys: sealed,
        client_secret: key.client_secret().to_string(),
        expires_at: days.and_then(|days| i64::try_from(trust::now() + days * DAY).ok()),
    };
    add_access_key(new).await?;
    Ok(key)
}
