use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{RecoveryCode, RestorationCode};

use super::api::{self, Agreed};
use crate::account::check::check_password;
use crate::account::choose_password::ChoosePassword;
use crate::account::keep_code::{KeepCode, Made, MadeSignal};
use crate::account::recovery::{NewPassword, NewRecovery};
use crate::account::register::Registering;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::ui::FormError;

/// Sets a new password for somebody who has a link that two administrators agreed to. Its secret is in the part of the address that browsers
/// send nowhere.
#[component]
pub fn RestorationPage(
    /// The link's secret, as the address has it.
    code: String,
    /// What comes after.
    then: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let code = RestorationCode::parse(&code).ok();
    let proof = code.as_ref().map(|code| code.proof().to_vec());
    let again = Trigger::new();
    let open = session.load(move || {
        again.track();
        let proof = proof.clone();
        async move { api::open_restoration(proof.ok_or(AppError::LinkEnded)?).await }
    });
    view! {
        <main class="entrance">
            {move || match (open.get(), code.clone()) {
                (Some(Ok(agreed)), Some(code)) => view! { <PasswordForm agreed code then /> }.into_any(),
                (Some(Err(error)), _) => {
                    let can_wait = error == AppError::NotApproved;
                    view! {
                        <div class="card entrance-card">
                            <p class="brand">"MySafe"</p>
                            <p role="alert">{error.to_string()}</p>
                            {can_wait.then(|| view! { <button class="button primary" type="button" on:click=move |_| again.notify()>{t!("Try again")}</button> })}
                            <button class="button" type="button" on:click=move |_| then.run(())>{t!("To the sign-in")}</button>
                        </div>
                    }.into_any()
                }
                _ => view! { <p class="hint" role="status">{t!("Loading …")}</p> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn PasswordForm(agreed: Agreed, code: RestorationCode, then: Callback<()>) -> impl IntoView {
    let session = use_session();
    let (password, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = MadeSignal::new_local(None);
    let username = agreed.username.clone();
    let known = Signal::stored(vec![username.clone()]);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let (agreed, code) = (agreed.clone(), code.clone());
        let making = async move {
            let registering = Registering::start(check_password(password.get_untracked(), &again.get_untracked())?)?;
            let keys = code.open_account(&agreed.escrow, &agreed.approvals, &agreed.identity)?;
            let proof = code.proof().to_vec();
            let message = api::begin_restoration(proof.clone(), registering.request()).await?;
            let (upload, export_key) = registering.finish(&message).await?;
            let next = RecoveryCode::random();
            let new = NewPassword {
                upload,
                account_key: keys.seal_for_password(&export_key),
                recovery: NewRecovery::make(&keys, &next),
            };
            Ok(Made::new(next, move || api::finish_restoration(proof.clone(), new.clone())))
        };
        session.act(pending, making, move |result| match result {
            Ok(new) => made.set(Some(new)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <KeepCode made error then>
            <form class="card entrance-card" on:submit=submit aria-labelledby="restoration-title" novalidate>
                <p class="brand">"MySafe"</p>
                <h1 id="restoration-title">{t!("Set a new password")}</h1>
                <p>
                    {t!("Two administrators restored your access, ")} <strong>{username.clone()}</strong>
                    {t!(". You keep everything you have. Everywhere you are signed in, you will be signed out.")}
                </p>
                // For password managers.
                <input class="visually-hidden" type="text" name="username" autocomplete="username" value=username
                    tabindex="-1" aria-hidden="true" readonly />
                <ChoosePassword password again error known />
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || if pending.get() { t!("Opening your keys …") } else { t!("Set password") }}
                </button>
            </form>
        </KeepCode>
    }
}
