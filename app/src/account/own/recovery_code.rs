use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::RecoveryCode;
use zeroize::Zeroizing;

use super::api;
use super::password::prove;
use crate::account::keep_code::{KeepCode, Made, MadeSignal};
use crate::account::recovery::NewRecovery;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{t, text};
use crate::ui::{Field, FormError, use_toasts};

/// Makes a new recovery code in place of the one that is lost or was seen by others.
#[component]
pub(super) fn RecoveryCodeForm() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let current = RwSignal::new(String::new());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = MadeSignal::new_local(None);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let making = async move {
            let proof = prove(session, &Zeroizing::new(current.get_untracked())).await?;
            let code = RecoveryCode::random();
            let recovery = NewRecovery::make(&*session.keys()?, &code);
            Ok(Made::new(code, move || api::change_recovery_code(proof.clone(), recovery.clone())))
        };
        session.act(pending, making, move |result| match result {
            Ok(new) => made.set(Some(new)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    let then = Callback::new(move |()| {
        made.set(None);
        current.set(String::new());
        toasts.done(t!("The new recovery code counts from now on"));
    });
    view! {
        <KeepCode made error then>
            <form class="card form" on:submit=submit aria-labelledby="recovery-code-title" novalidate>
                <h2 id="recovery-code-title">{t!("Recovery code")}</h2>
                <p>{t!("It opens your account when the password is lost. A new one takes the place of the one you have.")}</p>
                <Field label=text!("Your password") value=current error kind="password" autocomplete="current-password" required=true />
                <FormError error />
                <div class="form-buttons">
                    <button class="button" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Make a new recovery code")}</button>
                </div>
            </form>
        </KeepCode>
    }
}
