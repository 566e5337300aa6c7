use std::fmt::Write as _;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

use super::api;
use super::password::prove;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{t, text};
use crate::ui::{Field, FormError, use_toasts};

/// Turns codes of an app on, as a second step of the sign-in, and off again.
#[component]
pub(super) fn SecondStepSection() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (code, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let (secret, again) = (RwSignal::new(None::<String>), Trigger::new());
    let is_on = session.load(move || {
        again.track();
        api::has_second_step()
    });
    let username = session.profile_untracked().map(|own| own.username).unwrap_or_default();
    let begin = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let password = Zeroizing::new(password.get_untracked());
            api::begin_second_step(prove(session, &password).await?).await
        };
        session.act(pending, work, move |result| {
            password.set(String::new());
            match result {
                Ok(made) => secret.set(Some(made)),
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let turn = move |on: bool| {
        error.set(None);
        session.act(pending, api::turn_second_step(on, code.get_untracked()), move |result| {
            code.set(String::new());
            match result {
                Ok(()) => {
                    secret.set(None);
                    toasts.done(if on {
                        t!("Your sign-in asks for a code from now on")
                    } else {
                        t!("Your sign-in asks for no code any more")
                    });
                    again.notify();
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let form = move |on: bool| {
        let submit = move |event: SubmitEvent| {
            event.prevent_default();
            turn(on);
        };
        view! {
            <form class="form" on:submit=submit novalidate>
                <Field label=text!("Code") value=code error autocomplete="one-time-code" required=true hint=t!("The six digits that the app shows now.") />
                <FormError error />
                <div class="form-buttons">
                    <button class="button" class:primary=on type="submit" aria-disabled=move || pending.get().to_string()>
                        {if on { t!("Turn on") } else { t!("Turn off") }}
                    </button>
                </div>
            </form>
        }
    };
    view! {
        <section class="card" aria-labelledby="second-step-title">
            <h2 id="second-step-title">{t!("Second step at sign-in")}</h2>
            <p>{t!("A code of an authenticator app, beside your password. Unlocking this browser does not ask for it.")}</p>
            {move || match (is_on.get(), secret.get()) {
                (None, _) => ().into_any(),
                (Some(Err(error)), _) => view! { <p role="alert">{error.to_string()}</p> }.into_any(),
                (Some(Ok(true)), _) => view! { <p><strong>{t!("It is on.")}</strong></p> {form(false)} }.into_any(),
                (Some(Ok(false)), None) => view! {
                    <form class="form" on:submit=begin novalidate>
                        <Field label=text!("Password to set this up") value=password error kind="password" autocomplete="current-password" required=true />
                        <FormError error />
                        <div class="form-buttons">
                            <button class="button" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Set up")}</button>
                        </div>
                    </form>
                }.into_any(),
                (Some(Ok(false)), Some(secret)) => {
                    let url = address(&username, &secret);
                    view! {
                        <p>{t!("Scan this with the app, or type the key below into it. Then show that it works.")}</p>
                        {picture(&url)}
                        <p><code>{in_groups(&secret)}</code></p>
                        {form(true)}
                    }.into_any()
                }
            }}
        </section>
    }
}

/// What authenticator apps read (the key URI format of Google Authenticator). Usernames have no letters that addresses reserve.
fn address(username: &str, secret: &str) -> String {
    format!("otpauth://totp/MySafe:{username}?secret={secret}&issuer=MySafe")
}

/// A text as a QR code, with the quiet zone around it that scanners want.
fn picture(text: &str) -> Option<AnyView> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let modules = code.size();
    let dark = (0..modules).flat_map(|y| (0..modules).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let path = dark.fold(String::new(), |mut path, (x, y)| {
        let _ = write!(path, "M{} {}h1v1h-1z", x + 4, y + 4);
        path
    });
    let side = modules + 8;
    Some(
        view! {
            <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=t!("QR picture of the key") shape-rendering="crispEdges">
                <path d=path />
            </svg>
        }
        .into_any(),
    )
}

/// Groups of four letters, as people read them.
fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_groups_and_by_apps() {
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
        let url = address("ana", "ABCD");
        assert_eq!(url, "otpauth://totp/MySafe:ana?secret=ABCD&issuer=MySafe");
        assert!(QrCode::encode_text(&url, QrCodeEcc::Medium).is_ok());
    }
}
