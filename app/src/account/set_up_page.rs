use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountId, Entry, Mandate};

use super::api::{self, Founder};
use super::check::{check_email, check_password, check_text, check_username};
use super::choose_password::ChoosePassword;
use super::keep_code::{KeepCode, Made, MadeSignal};
use super::register::Registering;
use super::session::use_session;
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::ui::{Field, FormError};

/// Founds an empty organization: guarded by the code that the server prints at its start.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let session = use_session();
    let signal = || RwSignal::new(String::new());
    let (code, organization, name) = (signal(), signal(), signal());
    let (username, email) = (signal(), signal());
    let (password, again) = (signal(), signal());
    let known = Signal::derive(move || Vec::from([organization, name, username, email].map(|text| text.get())));
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = MadeSignal::new_local(None);
    let making = move || async move {
        let registering = Registering::start(check_password(password.get_untracked(), &again.get_untracked())?)?;
        let (id, code) = (AccountId::random(), code.get_untracked());
        let (organization, name) = (
            check_text(text!("Organization"), &organization.get_untracked())?,
            check_text(text!("Your name"), &name.get_untracked())?,
        );
        let (username, email) = (check_username(&username.get_untracked())?, check_email(&email.get_untracked())?);
        let response = api::begin_set_up(code.clone(), id, registering.request()).await?;
        let made = registering.make_keys(id, None, &response).await?;
        let entry = Entry::first(&made.open, &username);
        let (mandate, entry) = (Mandate::sign(&entry, &made.open), entry.sign(&made.open));
        let founder = Founder { organization, entry, mandate, name, email, keys: made.keys };
        Ok(Made::new(made.code, move || api::finish_set_up(code.clone(), founder.clone())))
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        session.act(pending, making(), move |result| match result {
            Ok(new) => made.set(Some(new)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <main class="entrance">
            <KeepCode made error then=Callback::new(move |()| session.ask())>
                <form class="card entrance-card" on:submit=submit aria-labelledby="set-up-title" novalidate>
                    <p class="brand">"MySafe"</p>
                    <h1 id="set-up-title">{t!("Set up your organization")}</h1>
                    <p class="hint">{t!("You become its first administrator. Your keys are made in this browser; the server never sees them open.")}</p>
                    <Field label=text!("Set-up code") value=code error hint=t!("The server printed it when it started.") autocomplete="off" required=true />
                    <Field label=text!("Organization") value=organization error autocomplete="organization" required=true />
                    <Field label=text!("Your name") value=name error autocomplete="name" required=true />
                    <Field label=text!("Username") value=username error autocomplete="username" required=true />
                    <Field label=text!("Email") value=email error kind="email" autocomplete="email" required=true />
                    <ChoosePassword password again error hint=t!("It opens your keys.") known />
                    <FormError error />
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                        {move || if pending.get() { t!("Making your keys …") } else { t!("Set up") }}
                    </button>
                    <HowThisWorks about=help::KEYS />
                </form>
            </KeepCode>
        </main>
    }
}
