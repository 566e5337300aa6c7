use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use vault::{AccountId, AccountKeys, Registration};
use zeroize::Zeroizing;

use super::api::{self, Founder};
use super::session::use_session;
use crate::error::AppError;
use crate::secret::deceives;
use crate::ui::{Field, FormError, next_frame};

/// The fewest characters of a password.
const PASSWORD_LENGTH: usize = 12;

/// Founds an empty organization: guarded by the code that the server prints at its start.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let session = use_session();
    let signal = || RwSignal::new(String::new());
    let (code, organization, name) = (signal(), signal(), signal());
    let (username, email) = (signal(), signal());
    let (password, again) = (signal(), signal());
    let error = RwSignal::new(None::<AppError>);
    let pending = RwSignal::new(false);
    let founding = move || async move {
        let password = Zeroizing::new(password.get_untracked());
        if password.chars().count() < PASSWORD_LENGTH {
            let reason =
                format!("Use {PASSWORD_LENGTH} characters or more; a few words in a row are easy to remember.");
            return Err(AppError::invalid("Password", reason));
        }
        if *password != again.get_untracked() {
            return Err(AppError::invalid("Password again", "The two passwords differ."));
        }
        let founder = Founder {
            id: AccountId::random(),
            organization: check_text("Organization", &organization.get_untracked())?,
            name: check_text("Your name", &name.get_untracked())?,
            username: check_username(&username.get_untracked())?,
            email: check_email(&email.get_untracked())?,
            upload: Vec::new(),
            keys: vault::SealedAccount { account_key: Vec::new(), identity: Vec::new() },
            public_identity: Vec::new(),
        };
        register(code.get_untracked(), founder, &password).await
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        session.act(pending, founding(), move |founded| match founded {
            Ok(()) => session.ask(),
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
                    hint="Nobody can reset it for you: it opens your keys." />
                <Field label="Password again" value=again error kind="password" autocomplete="new-password" required=true />
                <FormError error />
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>
                    {move || if pending.get() { "Making your keys …" } else { "Set up" }}
                </button>
            </form>
        </main>
    }
}

async fn register(code: String, founder: Founder, password: &str) -> Result<(), AppError> {
    let (registration, request) = Registration::start(password)?;
    let response = api::begin_set_up(code.clone(), founder.id, request).await?;
    next_frame().await;
    let (upload, export_key) = registration.finish(password, &response)?;
    let (keys, sealed) = AccountKeys::create(founder.id, &export_key);
    let founder = Founder { upload, keys: sealed, public_identity: keys.public().to_bytes(), ..founder };
    api::finish_set_up(code, founder).await
}

/// A short text whose characters show what they are.
pub(crate) fn check_text(label: &str, text: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AppError::invalid(label, "Fill in this field."));
    }
    if text.chars().count() > 100 || text.chars().any(deceives) {
        return Err(AppError::invalid(label, "Use at most 100 characters, all of them visible."));
    }
    Ok(text.to_owned())
}

/// A username: what people type at sign-in.
pub(crate) fn check_username(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
    if !(2..=40).contains(&text.len()) || !text.chars().all(fits) {
        let reason = "Use 2 to 40 letters, digits, dots, hyphens or underscores.";
        return Err(AppError::invalid("Username", reason));
    }
    Ok(text.to_owned())
}

/// An email address, as far as one can tell without sending mail.
pub(crate) fn check_email(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let plausible = text.len() <= 254
        && !text.chars().any(|char| char.is_whitespace() || char.is_control())
        && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.len() > 2 && !host.contains('@'));
    if plausible { Ok(text.to_owned()) } else { Err(AppError::invalid("Email", "This is not an email address.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain() {
        for good in ["ana", "ana.lima", "a_1-b"] {
            assert_eq!(check_username(good).as_deref(), Ok(good));
        }
        for bad in ["", "a", "ana lima", "añà", "ana@example.com", &"a".repeat(41)] {
            assert!(check_username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn emails_have_two_sides() {
        assert_eq!(check_email(" ana@example.com ").as_deref(), Ok("ana@example.com"));
        for bad in ["", "ana", "@example.com", "ana@", "a b@example.com", "a@b@example.com"] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_are_visible_and_short() {
        assert_eq!(check_text("Name", " Ana Lima ").as_deref(), Ok("Ana Lima"));
        for bad in ["", "  ", "a\u{7}b", "a\u{202E}b", &"x".repeat(101)] {
            assert!(check_text("Name", bad).is_err(), "{bad:?}");
        }
    }
}
