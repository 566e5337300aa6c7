use std::rc::Rc;

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use vault::{AccountKeys, LoginAttempt};
use zeroize::Zeroizing;

use super::api::{self, Profile, Proved};
use super::second_step::HalfSignedIn;
use super::session::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::pages::{self, Entrance};
use crate::ui::{FormError, later, next_frame};

/// Asks for username and password; where somebody is signed in and only their keys are locked, for the password alone.
#[component]
pub fn SignInPage(
    /// Whose keys are locked.
    #[prop(optional_no_strip)]
    locked: Option<Profile>,
) -> impl IntoView {
    let (session, recovering) = (use_session(), RwSignal::new(false));
    let half = RwSignal::new_local(None::<Rc<HalfSignedIn>>);
    let then = Callback::new(move |signed_in: Option<(Profile, AccountKeys)>| {
        half.set(None);
        if let Some((profile, keys)) = signed_in {
            session.unlock(profile, keys);
        }
    });
    move || match half.get() {
        Some(half) => later(move || pages::entrance(Entrance::SecondStep(Rc::clone(&half), then))),
        None if recovering.get() => {
            later(move || pages::entrance(Entrance::Recovery(Callback::new(move |()| recovering.set(false)))))
        }
        None => view! { <SignInForm locked=locked.clone() recovering half /> }.into_any(),
    }
}

#[component]
fn SignInForm(
    locked: Option<Profile>,
    /// Set by who has lost the password.
    recovering: RwSignal<bool>,
    /// Set by whose password was right, and who needs a second step.
    half: RwSignal<Option<Rc<HalfSignedIn>>, LocalStorage>,
) -> impl IntoView {
    let session = use_session();
    let (username, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let known = locked.as_ref().map(|profile| profile.username.clone());
    let error = RwSignal::new(None::<AppError>);
    let pending = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let value = |input: NodeRef<Input>| input.get_untracked().map(|input| input.value()).unwrap_or_default();
        let username = known.clone().unwrap_or_else(|| value(username));
        let secret = Zeroizing::new(value(password));
        session.act(pending, async move { prove(&username, &secret).await }, move |proved| match proved {
            Ok(Step::Done(profile, keys)) => session.unlock(profile, *keys),
            Ok(Step::Half(needed)) => half.set(Some(Rc::new(needed))),
            Err(failed) => {
                if let Some(input) = password.get_untracked().filter(|_| failed == AppError::WrongPassword) {
                    input.set_value("");
                    let _ = input.focus();
                }
                error.set(Some(failed));
            }
        });
    };
    let is_locked = locked.is_some();
    let unlocks_by_passkey = locked.clone().filter(|profile| profile.unlocks_by_passkey);
    view! {
        <main class="entrance">
            <form class="card entrance-card" on:submit=submit aria-labelledby="sign-in-title">
                <p class="brand">"MySafe"</p>
                <h1 id="sign-in-title">{if is_locked { t!("Unlock") } else { t!("Sign in") }}</h1>
                {move || session.notice().map(|notice| view! { <p class="notice" role="status">{notice}</p> })}
                {match locked {
                    Some(profile) => view! {
                        <p>{t!("You are signed in as ")} <strong>{profile.name}</strong> {t!(". Your password opens your keys.")}</p>
                        // For password managers.
                        <input class="visually-hidden" type="text" name="username" autocomplete="username" value=profile.username
                            tabindex="-1" aria-hidden="true" readonly />
                    }.into_any(),
                    None => view! {
                        <label class="field">
                            <span>{t!("Username")}</span>
                            <input node_ref=username name="username" type="text" autocomplete="username" autocapitalize="none"
                                spellcheck="false" required autofocus />
                        </label>
                    }.into_any(),
                }}
                <label class="field">
                    <span>{t!("Password")}</span>
                    <input node_ref=password name="password" type="password" autocomplete="current-password" required
                        autofocus=is_locked />
                </label>
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || match (pending.get(), is_locked) {
                        (true, _) => t!("Opening your keys …"),
                        (false, true) => t!("Unlock"),
                        (false, false) => t!("Sign in"),
                    }}
                </button>
                {unlocks_by_passkey.map(|profile| later(move || pages::entrance(Entrance::Unlock(profile.clone()))))}
                {is_locked.then(|| view! {
                    <button class="button quiet" type="button" on:click=move |_| session.sign_out()>{t!("Sign in as somebody else")}</button>
                })}
                <button class="button quiet" type="button" on:click=move |_| recovering.set(true)>{t!("Forgot your password?")}</button>
                <p class="hint">{t!("Your password does not leave this browser.")}</p>
            </form>
        </main>
    }
}

/// How far a right password brings somebody.
enum Step {
    Done(Profile, Box<AccountKeys>),
    Half(HalfSignedIn),
}

/// Proves the password to the server and opens the account's keys with it.
async fn prove(username: &str, password: &str) -> Result<Step, AppError> {
    let (attempt, request) = LoginAttempt::start(password)?;
    let challenge = api::begin_sign_in(username.to_owned(), request).await?;
    // Stretching keeps the page busy for a moment: let it say so first.
    next_frame().await;
    let (proof, export_key) = attempt.finish(password, &challenge.message)?;
    Ok(match api::finish_sign_in(challenge.token, proof).await? {
        Proved::SignedIn(signed_in) => {
            let keys = AccountKeys::unlock(signed_in.profile.id, &export_key, &signed_in.keys)?;
            Step::Done(signed_in.profile, Box::new(keys))
        }
        Proved::NeedsSecondStep(needed) => Step::Half(HalfSignedIn { needed, export_key }),
    })
}
