use std::rc::Rc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountKeys, ExportKey};

use super::api::{Profile, finish_second_step};
use super::session::use_session;
use crate::error::AppError;
use crate::ui::{Field, FormError};

/// A sign-in whose password was right, and that needs a code.
pub(crate) struct HalfSignedIn {
    /// Names the sign-in.
    pub token: String,
    /// What the password gave.
    pub export_key: ExportKey,
}

/// Asks for the code of somebody's app.
#[component]
pub fn SecondStepForm(
    half: Rc<HalfSignedIn>,
    /// What comes after: signed in, or back to the password.
    then: Callback<Option<(Profile, AccountKeys)>>,
) -> impl IntoView {
    let session = use_session();
    let code = RwSignal::new(String::new());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let half = Rc::clone(&half);
        let work = async move {
            let signed_in = finish_second_step(half.token.clone(), code.get_untracked()).await?;
            let keys = AccountKeys::unlock(signed_in.profile.id, &half.export_key, &signed_in.keys)?;
            Ok((signed_in.profile, keys))
        };
        session.act(pending, work, move |result| match result {
            Ok(signed_in) => then.run(Some(signed_in)),
            Err(failed) => {
                code.set(String::new());
                error.set(Some(failed));
            }
        });
    };
    view! {
        <main class="entrance">
            <form class="card entrance-card" on:submit=submit aria-labelledby="second-step-title" novalidate>
                <p class="brand">"MySafe"</p>
                <h1 id="second-step-title">"Enter the code"</h1>
                <p>"Your authenticator app shows six digits for MySafe."</p>
                <Field label="Code" value=code error autocomplete="one-time-code" required=true />
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>"Sign in"</button>
                <button class="button quiet" type="button" on:click=move |_| then.run(None)>"Back to the sign-in"</button>
                <p class="hint">"Without the app, your recovery code helps: it sets a new password and turns this off."</p>
            </form>
        </main>
    }
}
