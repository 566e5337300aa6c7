use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountId, AccountKeys, RecoveryCode, Registration};

use super::api::{self, Founder, NewRecovery};
use super::check::{check_email, check_password, check_text, check_username};
use super::keep_code::KeepCode;
use super::session::use_session;
use crate::error::AppError;
use crate::ui::{Field, FormError, next_frame};

/// Founds an empty organization: guarded by the code that the server prints at its start.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let session = use_session();
    let made = RwSignal::new(None::<RecoveryCode>);
    move || match made.get() {
        None => view! { <SetUpForm made /> }.into_any(),
        Some(code) => view! { <KeepCode code then=Callback::new(move |()| session.ask()) /> }.into_any(),
    }
}

#[component]
fn SetUpForm(
    /// Where the recovery code goes once the organization is there.
    made: RwSignal<Option<RecoveryCode>>,
) -> impl IntoView {
    let session = use_session();
    let signal = || RwSignal::new(String::new());
    let (code, organization, name) = (signal(), signal(), signal());
    let (username, email) = (signal(), signal());
    let (password, again) = (signal(), signal());
    let error = RwSignal::new(None::<AppError>);
    let pending = RwSignal::new(false);
    let founding = move || async move {
        let password = check_password(password.get_untracked(), &again.get_untracked())?;
        let founder = Founder {
            id: AccountId::random(),
            organization: check_text("Organization", &organization.get_untracked())?,
            name: check_text("Your name", &name.get_untracked())?,
            username: check_username(&username.get_untracked())?,
            email: check_email(&email.get_untracked())?,
            upload: Vec::new(),
            keys: vault::SealedAccount { account_key: Vec::new(), identity: Vec::new() },
            public_identity: Vec::new(),
            recovery: NewRecovery::default(),
        };
        register(code.get_untracked(), founder, &password).await
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        session.act(pending, founding(), move |founded| match founded {
            Ok(code) => made.set(Some(code)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <main class="entrance">
            <form class="card entrance-card" on:submit=submit aria-labelledby="set-up-title" novalidate>
                <p class="brand">"MySafe"</p>
                <h1 id="set-up-title">"Set up your organization"</h1>
                <p class="hint">"You become its first administrator. Your keys are made in this browser; the server never sees them open."</p>
                <Field label="Set-up code" value=code error hint="The server printed it when it started." autocomplete="off" required=true />
                <Field label="Organization" value=organization error autocomplete="organization" required=true />
                <Field label="Your name" value=name error autocomplete="name" required=true />
                <Field label="Username" value=username error autocomplete="username" required=true />
                <Field label="Email" value=email error kind="email" autocomplete="email" required=true />
                <Field label="Password" value=password error kind="password" autocomplete="new-password" required=true
                    hint="It opens your keys, and nobody can reset it for you." />
                <Field label="Password again" value=again error kind="password" autocomplete="new-password" required=true />
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || if pending.get() { "Making your keys …" } else { "Set up" }}
                </button>
            </form>
        </main>
    }
}

async fn register(code: String, founder: Founder, password: &str) -> Result<RecoveryCode, AppError> {
    let (registration, request) = Registration::start(password)?;
    let response = api::begin_set_up(code.clone(), founder.id, request).await?;
    next_frame().await;
    let (upload, export_key) = registration.finish(password, &response)?;
    let (keys, sealed) = AccountKeys::create(founder.id, &export_key);
    let recovery_code = RecoveryCode::random();
    let recovery = NewRecovery::make(&keys, &recovery_code);
    let founder = Founder { upload, keys: sealed, public_identity: keys.public().to_bytes(), recovery, ..founder };
    api::finish_set_up(code, founder).await?;
    Ok(recovery_code)
}
