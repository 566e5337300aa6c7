use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountKeys, RecoveryCode, Registration};

use super::api::{self, NewPassword};
use super::check::check_password;
use super::keep_code::KeepCode;
use super::session::use_session;
use crate::error::AppError;
use crate::ui::{Field, FormError, next_frame};

/// Sets a new password with the recovery code, and shows the code that takes its place.
#[component]
pub(super) fn RecoveryPage(
    /// Back to the sign-in.
    back: Callback<()>,
) -> impl IntoView {
    let next = RwSignal::new(None::<RecoveryCode>);
    move || match next.get() {
        None => view! { <RecoveryForm next back /> }.into_any(),
        Some(code) => view! { <KeepCode code then=back /> }.into_any(),
    }
}

#[component]
fn RecoveryForm(next: RwSignal<Option<RecoveryCode>>, back: Callback<()>) -> impl IntoView {
    let session = use_session();
    let signal = || RwSignal::new(String::new());
    let (username, code, password, again) = (signal(), signal(), signal(), signal());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let recovering = move || async move {
        let code = RecoveryCode::parse(&code.get_untracked()).map_err(|_| {
            AppError::invalid("Recovery code", "It has 32 letters and digits, and there is a typing error in this one.")
        })?;
        let password = check_password(password.get_untracked(), &again.get_untracked())?;
        recover(username.get_untracked(), &code, &password).await
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        session.act(pending, recovering(), move |recovered| match recovered {
            Ok(code) => next.set(Some(code)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <main class="entrance">
            <form class="card entrance-card" on:submit=submit aria-labelledby="recovery-title" novalidate>
                <p class="brand">"MySafe"</p>
                <h1 id="recovery-title">"Set a new password"</h1>
                <p class="hint">"Your recovery code opens your keys. Everywhere you are signed in, you will be signed out."</p>
                <Field label="Username" value=username error autocomplete="username" required=true />
                <Field label="Recovery code" value=code error required=true />
                <Field label="Password" value=password error kind="password" autocomplete="new-password" required=true />
                <Field label="Password again" value=again error kind="password" autocomplete="new-password" required=true />
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || if pending.get() { "Opening your keys …" } else { "Set password" }}
                </button>
                <button class="button quiet" type="button" on:click=move |_| back.run(())>"Back to the sign-in"</button>
            </form>
        </main>
    }
}

/// Opens the keys with the code, seals them under the new password and a new code, and returns that.
async fn recover(username: String, code: &RecoveryCode, password: &str) -> Result<RecoveryCode, AppError> {
    let (registration, request) = Registration::start(password)?;
    let proof = code.proof().to_vec();
    let found = api::begin_recovery(username.clone(), proof.clone(), request).await?;
    let keys = AccountKeys::recover(found.account, code, &found.key, &found.identity)?;
    next_frame().await;
    let (upload, export_key) = registration.finish(password, &found.message)?;
    let next = RecoveryCode::random();
    let new = NewPassword {
        upload,
        account_key: keys.seal_for_password(&export_key),
        recovery: api::NewRecovery::make(&keys, &next),
    };
    api::finish_recovery(username, proof, new).await?;
    Ok(next)
}
