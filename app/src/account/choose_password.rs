use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::check::PASSWORD_LENGTH;
use super::strength::{Estimate, Level};
use crate::error::AppError;
use crate::language::{t, text};
use crate::pages::weigh;
use crate::ui::Field;

/// How long to wait for more characters before saying something.
const PAUSE_MS: u32 = 400;

/// A new password, typed twice, and how hard it is to guess. That is said and refuses nothing.
#[component]
pub(crate) fn ChoosePassword(
    /// The password.
    password: RwSignal<String>,
    /// The same once more.
    again: RwSignal<String>,
    /// The last error of the form.
    error: RwSignal<Option<AppError>>,
    /// What the password is for.
    #[prop(optional)]
    hint: &'static str,
    /// What others know of the person: guessers try it first.
    known: Signal<Vec<String>>,
) -> impl IntoView {
    view! {
        <div class="new-password">
            <Field label=text!("Password") value=password error kind="password" autocomplete="new-password" required=true hint />
            <Strength password known />
        </div>
        <Field label=text!("Password again") value=again error kind="password" autocomplete="new-password" required=true />
    }
}

#[component]
fn Strength(password: RwSignal<String>, known: Signal<Vec<String>>) -> impl IntoView {
    let estimate = RwSignal::new(None::<Estimate>);
    Effect::new(move || {
        let (typed, known) = (Zeroizing::new(password.get()), known.get());
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(PAUSE_MS).await;
            // Somebody may have typed on, or be gone.
            let is_latest = || password.try_with_untracked(|now| *now == *typed) == Some(true);
            if !is_latest() {
                return;
            }
            let found = match typed.chars().count() {
                0 => None,
                length if length < PASSWORD_LENGTH => {
                    let text = t!("Too short: it takes at least {least} characters.", least = PASSWORD_LENGTH);
                    Some(Estimate { level: Level::Weak, text })
                }
                // It refuses nothing, so nothing is missing where it does not come.
                _ => {
                    // It is long enough, whatever was said before: its chunk may take a while.
                    let _ = estimate.try_set(None);
                    weigh(typed.clone(), known).await.ok()
                }
            };
            if is_latest() {
                let _ = estimate.try_set(found);
            }
        });
    });
    let level = move || estimate.with(|estimate| estimate.as_ref().map(|estimate| estimate.level));
    let text = move || estimate.with(|estimate| estimate.as_ref().map(|estimate| estimate.text.clone()));
    let value = move || level().map_or(0, |level| level as u8).to_string();
    // Its place is there from the beginning: what comes a moment after the last character must not move the button that somebody is about to press.
    view! {
        <div class="strength">
            <meter min="0" max="4" low="2" high="3" optimum="4" value=value aria-label=t!("Strength") aria-hidden=move || level().is_none().then_some("true")></meter>
            <p class="hint" aria-live="polite">{text}</p>
        </div>
    }
}
