use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::Fingerprint;

use super::api::{IDLE_MINUTES, change_profile};
use super::appearance::AppearanceSection;
use super::password::PasswordForm;
use super::recovery_code::RecoveryCodeForm;
use super::second_step::SecondStepSection;
use super::sessions::Sessions;
use crate::account::passkey::PasskeySection;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{n, t, text};
use crate::ui::{Field, FormError, use_toasts};

/// What people see and change of their own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let session = use_session();
    let fingerprint = session.keys().map(|keys| Fingerprint::of(&keys.public().to_bytes()).text()).unwrap_or_default();
    view! {
        <div class="page">
            <h1>{t!("My account")}</h1>
            <ProfileForm />
            <AppearanceSection />
            <PasswordForm />
            <RecoveryCodeForm />
            <SecondStepSection />
            <PasskeySection />
            <Sessions />
            <section class="card" aria-labelledby="fingerprint-title">
                <h2 id="fingerprint-title">{t!("Your keys")}</h2>
                <p>{t!("Should an administrator ask which keys are yours, read these digits to them:")}</p>
                <p><code>{fingerprint}</code></p>
            </section>
        </div>
    }
}

#[component]
fn ProfileForm() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let profile = session.profile_untracked();
    let (username, email) = profile.as_ref().map(|own| (own.username.clone(), own.email.clone())).unwrap_or_default();
    let name = RwSignal::new(profile.as_ref().map(|own| own.name.clone()).unwrap_or_default());
    let idle = RwSignal::new(profile.map(|own| own.idle_minutes).unwrap_or_default());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        session.act(pending, change_profile(name.get_untracked(), idle.get_untracked()), move |result| match result {
            Ok(profile) => {
                toasts.done(t!("Profile saved"));
                session.set_profile(profile);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <form class="card form" on:submit=submit aria-labelledby="profile-title" novalidate>
            <h2 id="profile-title">{t!("Profile")}</h2>
            <p class="hint">{t!("Username {username}, email {email}.", username, email)}</p>
            <Field label=text!("Your name") value=name error autocomplete="name" required=true />
            <label class="field">
                <span>{t!("Lock after")}</span>
                <select on:change=move |event| idle.set(event_target_value(&event).parse().unwrap_or_default())>
                    {IDLE_MINUTES.map(|minutes| view! {
                        <option value=minutes.to_string() selected=idle.get_untracked() == minutes>
                            {n!(usize::try_from(minutes).unwrap_or(usize::MAX), "{n} minute without a sign of you", "{n} minutes without a sign of you")}
                        </option>
                    })}
                </select>
            </label>
            <FormError error />
            <div class="form-buttons">
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Save")}</button>
            </div>
        </form>
    }
}
