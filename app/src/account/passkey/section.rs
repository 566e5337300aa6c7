use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::api::{self, OwnPasskey, OwnPasskeys};
use super::authenticator::make;
use crate::account::api::Profile;
use crate::account::check::check_text;
use crate::account::own::prove;
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::language::{t, text};
use crate::ui::{Dialog, Field, FormError, local_time, use_toasts};

/// What the person wants to do with their passkeys.
#[derive(Clone)]
enum Wish {
    Add,
    Remove(OwnPasskey),
}

/// The person's passkeys: adds and removes them.
#[component]
pub(crate) fn PasskeySection() -> impl IntoView {
    let session = use_session();
    let (again, wish) = (Trigger::new(), RwSignal::new(None::<Wish>));
    let loaded = session.load(move || {
        again.track();
        api::list_passkeys()
    });
    let then = Callback::new(move |changed: Option<Profile>| {
        wish.set(None);
        if let Some(profile) = changed {
            session.set_profile(profile);
            again.notify();
        }
    });
    view! {
        <section class="card scroll" aria-labelledby="passkeys-title">
            <h2 id="passkeys-title">{t!("Passkeys")}</h2>
            <p>
                {t!("Your device, a phone or a security key shows that it is you. With a passkey, signing in asks for it beside your password. Where the \
                device can, it also unlocks MySafe without the password.")}
            </p>
            {move || loaded.get().map(|loaded| match loaded {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(own) => passkeys(own, wish).into_any(),
            })}
            {move || wish.get().map(|wish| view! { <PasskeyDialog wish then /> })}
        </section>
    }
}

fn passkeys(own: OwnPasskeys, wish: RwSignal<Option<Wish>>) -> impl IntoView {
    let line = move |passkey: OwnPasskey| {
        let label = t!("Remove {name}", name = passkey.name);
        let (name, unlocks) = (passkey.name.clone(), if passkey.unlocks { t!("Yes") } else { t!("No") });
        let (added, used) = (local_time(Some(passkey.created_at)), local_time(passkey.last_used_at));
        let remove = move |_| wish.set(Some(Wish::Remove(passkey.clone())));
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{unlocks}</td>
                <td>{added}</td>
                <td>{used}</td>
                <td><button class="button" type="button" aria-label=label on:click=remove>{t!("Remove")}</button></td>
            </tr>
        }
    };
    let here = window().location().origin().unwrap_or_default();
    view! {
        {(!own.passkeys.is_empty()).then(|| view! {
            <table class="plain" aria-label=t!("Passkeys")>
                <thead>
                    <tr>
                        <th scope="col">{t!("Name")}</th><th scope="col">{t!("Unlocks")}</th><th scope="col">{t!("Added")}</th>
                        <th scope="col">{t!("Last used")}</th><th scope="col">{t!("Action")}</th>
                    </tr>
                </thead>
                <tbody>{own.passkeys.into_iter().map(line).collect_view()}</tbody>
            </table>
        })}
        {match own.origin {
            None => view! { <p class="hint">{t!("MySafe has no name here, only a number. Browsers offer passkeys for names alone.")}</p> }.into_any(),
            Some(origin) if origin != here => view! {
                <p class="hint">{t!("Passkeys are for ")} <a href=format!("{origin}/account")>{origin.clone()}</a> {t!(". Open MySafe there to add one.")}</p>
            }.into_any(),
            Some(_) => view! {
                <div class="form-buttons">
                    <button class="button" type="button" on:click=move |_| wish.set(Some(Wish::Add))>{t!("Add a passkey")}</button>
                </div>
            }.into_any(),
        }}
    }
}

/// Asks for the password once more, and does what the person wants.
#[component]
fn PasskeyDialog(
    wish: Wish,
    /// What comes after: what has changed, if anything.
    then: Callback<Option<Profile>>,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let (title, does, done) = match &wish {
        Wish::Add => {
            (t!("Add a passkey").to_owned(), t!("Add"), t!("Passkey added. Your sign-in asks for it from now on"))
        }
        Wish::Remove(passkey) => (t!("Remove {name}", name = passkey.name), t!("Remove"), t!("Passkey removed")),
    };
    let is_adding = matches!(wish, Wish::Add);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let (wish, password) = (wish.clone(), Zeroizing::new(password.get_untracked()));
        let work = async move {
            match wish {
                Wish::Add => add(session, &name.get_untracked(), &password).await,
                Wish::Remove(passkey) => api::remove_passkey(prove(session, &password).await?, passkey.id).await,
            }
        };
        session.act(pending, work, move |result| match result {
            Ok(profile) => {
                toasts.done(done);
                then.run(Some(profile));
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let cancel = Callback::new(move |()| then.run(None));
    view! {
        <Dialog title on_cancel=cancel can_cancel=Signal::derive(move || !pending.get())>
            <form class="form" on:submit=submit novalidate>
                {is_adding.then(|| view! {
                    <Field label=text!("Name of the passkey") value=name error required=true
                        hint=t!("So that you know which one it is: laptop, blue security key.") />
                })}
                <Field label=text!("Confirm with your password") value=password error kind="password" autocomplete="current-password" required=true />
                <FormError error />
                <div class="dialog-buttons">
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get() { cancel.run(()) }>
                        {t!("Cancel")}
                    </button>
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                        {move || if pending.get() { t!("One moment …") } else { does }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

async fn add(session: Session, name: &str, password: &str) -> Result<Profile, AppError> {
    let (keys, name) = (session.keys()?, check_text(text!("Name of the passkey"), name)?);
    let challenge = api::begin_passkey(prove(session, password).await?).await?;
    let made = make(&challenge.options, keys.account()).await?;
    let account_key = made.output.map(|output| keys.seal_for_passkey(&output));
    api::finish_passkey(challenge.token, name, made.text, account_key).await
}
