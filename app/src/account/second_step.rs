use std::rc::Rc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountKeys, ExportKey};
use wasm_bindgen::JsCast as _;

use super::api::{Profile, SecondStep, SecondStepAnswer, finish_second_step};
use super::passkey::ask;
use super::session::use_session;
use crate::error::AppError;
use crate::language::{t, text};
use crate::ui::{Field, FormError, next_frame};

const PASSKEY_ID: &str = "use-passkey";

/// A sign-in whose password was right, and that needs a second step.
pub(crate) struct HalfSignedIn {
    /// What is needed.
    pub needed: SecondStep,
    /// What the password gave.
    pub export_key: ExportKey,
}

/// Asks for one of somebody's passkeys, or for the code of their app: what they have.
#[component]
pub fn SecondStepForm(
    half: Rc<HalfSignedIn>,
    /// What comes after: signed in, or back to the password.
    then: Callback<Option<(Profile, AccountKeys)>>,
) -> impl IntoView {
    let session = use_session();
    let code = RwSignal::new(String::new());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let SecondStep { code: takes_code, ref passkey, .. } = half.needed;
    let takes_passkey = passkey.is_some();
    let half = StoredValue::new_local(half);
    let finish = move |answer: SecondStepAnswer| {
        let half = half.get_value();
        async move {
            let signed_in = finish_second_step(half.needed.token.clone(), answer).await?;
            let keys = AccountKeys::unlock(signed_in.profile.id, &half.export_key, &signed_in.keys)?;
            Ok((signed_in.profile, keys))
        }
    };
    let ended = move |result| match result {
        Ok(signed_in) => then.run(Some(signed_in)),
        Err(failed) => {
            code.set(String::new());
            error.set(Some(failed));
        }
    };
    // The form comes in place of the one before, and takes the focus once it is there.
    leptos::task::spawn_local(async move {
        next_frame().await;
        let first = document().get_element_by_id(if takes_passkey { PASSKEY_ID } else { "field-code" });
        if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        session.act(pending, finish(SecondStepAnswer::Code(code.get_untracked())), ended);
    };
    let use_passkey = move |_| {
        error.set(None);
        let half = half.get_value();
        let work = async move {
            let options = half.needed.passkey.clone().unwrap_or_default();
            finish(SecondStepAnswer::Passkey(ask(&options).await?)).await
        };
        session.act(pending, work, ended);
    };
    view! {
        <main class="entrance">
            <form class="card entrance-card" on:submit=submit aria-labelledby="second-step-title" novalidate>
                <p class="brand">"MySafe"</p>
                <h1 id="second-step-title">{if takes_passkey { t!("Show that it is you") } else { t!("Enter the code") }}</h1>
                {takes_passkey.then(|| view! {
                    <p>{t!("Your password was right. Your sign-in asks for your passkey as well.")}</p>
                    <button id=PASSKEY_ID class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=use_passkey>
                        {t!("Use your passkey")}
                    </button>
                })}
                {takes_code.then(|| view! {
                    <p>{if takes_passkey {
                        t!("Or the six digits that your authenticator app shows for MySafe:")
                    } else {
                        t!("Your authenticator app shows six digits for MySafe.")
                    }}</p>
                    <Field label=text!("Code") value=code error autocomplete="one-time-code" required=true />
                })}
                {(!takes_passkey && !takes_code).then(|| view! {
                    <p>{t!("Your sign-in asks for a passkey, and MySafe cannot take one at this address. Ask who runs it for the right one.")}</p>
                })}
                <FormError error />
                {takes_code.then(|| view! {
                    <button class="button" class:primary=!takes_passkey type="submit" aria-disabled=move || pending.get().to_string()>{t!("Sign in")}</button>
                })}
                <button class="button quiet" type="button" on:click=move |_| then.run(None)>{t!("Back to the sign-in")}</button>
                <p class="hint">{t!("Lost the device? Your recovery code sets a new password, and turns this off.")}</p>
            </form>
        </main>
    }
}
