use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::own::api::prove_again;
use super::own::prove;
use super::session::use_session;
use crate::error::AppError;
use crate::language::{t, text};
use crate::ui::{Dialog, Field, FormError};

/// Asks somebody who is signed in for their password, before something that their session alone must not do.
#[component]
pub fn ProofDialog() -> impl IntoView {
    let session = use_session();
    let (password, error) = (RwSignal::new(String::new()), RwSignal::new(None::<AppError>));
    let pending = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let password = Zeroizing::new(password.get_untracked());
            prove_again(prove(session, &password).await?).await
        };
        session.act(pending, work, move |result| match result {
            Ok(()) => session.end_proof(true),
            Err(failed) => {
                password.set(String::new());
                error.set(Some(failed));
            }
        });
    };
    let cancel = move || session.end_proof(false);
    view! {
        <Dialog title=t!("Show that it is you").to_owned() on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <form on:submit=submit novalidate>
                <p>{t!("What you are about to do needs your password. You are not asked again for some minutes.")}</p>
                <Field label=text!("Password") value=password error kind="password" autocomplete="current-password" required=true />
                <FormError error />
                <div class="dialog-buttons">
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("Cancel")}</button>
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Go on")}</button>
                </div>
            </form>
        </Dialog>
    }
}
