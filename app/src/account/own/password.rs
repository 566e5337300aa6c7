use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::LoginAttempt;
use zeroize::Zeroizing;

use super::api::{self, Proof};
use crate::account::api::begin_sign_in;
use crate::account::check::check_password;
use crate::account::choose_password::ChoosePassword;
use crate::account::register::Registering;
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::language::{t, text};
use crate::ui::{Field, FormError, next_frame, use_toasts};

/// Sets a new password: the keys stay, and all other sessions end.
#[component]
pub(super) fn PasswordForm() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let signal = || RwSignal::new(String::new());
    let (current, password, again) = (signal(), signal(), signal());
    let own = session.profile_untracked().map(|own| vec![own.username, own.name, own.email]);
    let known = Signal::stored(own.unwrap_or_default());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let new = check_password(password.get_untracked(), &again.get_untracked())?;
            change(session, &Zeroizing::new(current.get_untracked()), new).await
        };
        session.act(pending, work, move |result| match result {
            Ok(()) => {
                for text in [current, password, again] {
                    text.set(String::new());
                }
                toasts.done(t!("Password changed. You are signed out everywhere else"));
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <form class="card form" on:submit=submit aria-labelledby="password-title" novalidate>
            <h2 id="password-title">{t!("Change password")}</h2>
            <Field label=text!("Current password") value=current error kind="password" autocomplete="current-password" required=true />
            <ChoosePassword password again error hint=t!("Your keys stay as they are. Everywhere else you will be signed out.") known />
            <FormError error />
            <div class="form-buttons">
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || if pending.get() { t!("Changing …") } else { t!("Change password") }}
                </button>
            </div>
        </form>
    }
}

async fn change(session: Session, current: &str, new: Zeroizing<String>) -> Result<(), AppError> {
    let keys = session.keys()?;
    let registering = Registering::start(new)?;
    let response = api::begin_password(registering.request()).await?;
    let (upload, export_key) = registering.finish(&response).await?;
    let account_key = keys.seal_for_password(&export_key);
    // Last, because it holds for a minute only.
    let proof = prove(session, current).await?;
    api::change_password(proof, upload, account_key).await
}

/// Shows the server once more that it is the person themselves.
pub(crate) async fn prove(session: Session, password: &str) -> Result<Proof, AppError> {
    let username = session.profile_untracked().ok_or(AppError::SignedOut)?.username;
    let (attempt, request) = LoginAttempt::start(password)?;
    let challenge = begin_sign_in(username, request).await?;
    next_frame().await;
    let (message, _) = attempt.finish(password, &challenge.message).map_err(|_| AppError::WrongOwnPassword)?;
    Ok(Proof { token: challenge.token, message })
}
