use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountKeys, RecoveryCode};

use super::check::check_password;
use super::choose_password::ChoosePassword;
use super::keep_code::{KeepCode, Made, MadeSignal};
use super::recovery::{self, NewPassword, NewRecovery};
use super::register::Registering;
use super::session::use_session;
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::ui::{Field, FormError};

/// Sets a new password with the recovery code, which a new code takes the place of.
#[component]
pub fn RecoveryPage(
    /// Back to the sign-in.
    back: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let signal = || RwSignal::new(String::new());
    let (username, code, password, again) = (signal(), signal(), signal(), signal());
    let known = Signal::derive(move || vec![username.get()]);
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = MadeSignal::new_local(None);
    let making = move || async move {
        let code = RecoveryCode::parse(&code.get_untracked()).map_err(|_| {
            AppError::invalid("Recovery code", "It has 32 letters and digits, and there is a typing error in this one.")
        })?;
        let registering = Registering::start(check_password(password.get_untracked(), &again.get_untracked())?)?;
        let (username, proof) = (username.get_untracked(), code.proof().to_vec());
        let found = recovery::begin_recovery(username.clone(), proof.clone(), registering.request()).await?;
        let keys = AccountKeys::recover(found.account, &code, &found.key, &found.identity)?;
        let (upload, export_key) = registering.finish(&found.message).await?;
        let next = RecoveryCode::random();
        let new = NewPassword {
            upload,
            account_key: keys.seal_for_password(&export_key),
            recovery: NewRecovery::make(&keys, &next),
        };
        Ok(Made::new(next, move || recovery::finish_recovery(username.clone(), proof.clone(), new.clone())))
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
            <KeepCode made error then=back>
                <form class="card entrance-card" on:submit=submit aria-labelledby="recovery-title" novalidate>
                    <p class="brand">"MySafe"</p>
                    <h1 id="recovery-title">{t!("Set a new password")}</h1>
                    <p class="hint">{t!("Your recovery code opens your keys. Everywhere you are signed in, you will be signed out.")}</p>
                    <Field label=text!("Username") value=username error autocomplete="username" required=true />
                    <Field label=text!("Recovery code") value=code error required=true />
                    <ChoosePassword password again error known />
                    <FormError error />
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                        {move || if pending.get() { t!("Opening your keys …") } else { t!("Set password") }}
                    </button>
                    <button class="button quiet" type="button" on:click=move |_| back.run(())>{t!("Back to the sign-in")}</button>
                    <HowThisWorks about=help::LOST_PASSWORD />
                </form>
            </KeepCode>
        </main>
    }
}
