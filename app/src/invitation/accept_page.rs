use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{Entry, InvitationCode};

use super::api::{self, Accepted, Invited};
use crate::account::check::{check_password, check_text};
use crate::account::choose_password::ChoosePassword;
use crate::account::keep_code::{KeepCode, Made, MadeSignal};
use crate::account::register::Registering;
use crate::account::use_session;
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::ui::{Field, FormError};

/// Makes the account of somebody who has the link of an invitation. The secret is in the part of the address that browsers send nowhere.
#[component]
pub fn AcceptPage(
    /// The invitation's secret, as the address has it.
    code: String,
    /// What comes after.
    then: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let code = InvitationCode::parse(&code).ok();
    let proof = code.as_ref().map(|code| code.proof().to_vec());
    let open = session.load(move || {
        let proof = proof.clone();
        async move { api::open_invitation(proof.ok_or(AppError::InvitationEnded)?).await }
    });
    view! {
        <main class="entrance">
            {move || match (open.get(), code.clone()) {
                (Some(Ok(open)), Some(code)) => view! { <AcceptForm open code then /> }.into_any(),
                (Some(Err(error)), _) => view! {
                    <div class="card entrance-card">
                        <p class="brand">"MySafe"</p>
                        <p role="alert">{error.to_string()}</p>
                        <button class="button" type="button" on:click=move |_| then.run(())>{t!("To the sign-in")}</button>
                    </div>
                }.into_any(),
                _ => view! { <p class="hint" role="status">{t!("Loading …")}</p> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn AcceptForm(open: Invited, code: InvitationCode, then: Callback<()>) -> impl IntoView {
    let session = use_session();
    let signal = || RwSignal::new(String::new());
    let (name, password, again) = (signal(), signal(), signal());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let made = MadeSignal::new_local(None);
    let Invited { username, email, organization, invited_by, .. } = open.clone();
    let others = vec![username.clone(), email.clone(), organization.clone()];
    let known = Signal::derive(move || [others.clone(), vec![name.get()]].concat());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let (open, code) = (open.clone(), code.clone());
        let making = async move {
            let name = check_text(text!("Your name"), &name.get_untracked())?;
            let registering = Registering::start(check_password(password.get_untracked(), &again.get_untracked())?)?;
            let root = code.open_root(open.account, &open.root)?;
            let proof = code.proof().to_vec();
            let response = api::begin_acceptance(proof.clone(), registering.request()).await?;
            let made = registering.make_keys(open.account, Some(root), &response).await?;
            let entry = Entry { epoch: open.epoch, ..Entry::first(&made.open, &open.username) };
            let accepted = Accepted { name, acceptance: code.accept(&entry), entry, keys: made.keys };
            Ok(Made::new(made.code, move || api::accept_invitation(proof.clone(), accepted.clone())))
        };
        session.act(pending, making, move |result| match result {
            Ok(new) => made.set(Some(new)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <KeepCode made error then>
            <form class="card entrance-card" on:submit=submit aria-labelledby="accept-title" novalidate>
                <p class="brand">"MySafe"</p>
                <h1 id="accept-title">{t!("Join {organization}", organization)}</h1>
                <p>
                    {invited_by} {t!(" invited you, ")} <strong>{email}</strong> {t!(". You will sign in as ")} <strong>{username.clone()}</strong>
                    {t!(". Your keys are made in this browser; the server never sees them open.")}
                </p>
                // For password managers.
                <input class="visually-hidden" type="text" name="username" autocomplete="username" value=username
                    tabindex="-1" aria-hidden="true" readonly />
                <Field label=text!("Your name") value=name error autocomplete="name" required=true />
                <ChoosePassword password again error hint=t!("It opens your keys.") known />
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || if pending.get() { t!("Making your keys …") } else { t!("Join") }}
                </button>
                <HowThisWorks about=help::ACCOUNT />
            </form>
        </KeepCode>
    }
}
