use std::future::Future;
use std::pin::Pin;

use leptos::html::H1;
use leptos::prelude::*;
use vault::RecoveryCode;

use super::session::use_session;
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::t;
use crate::ui::{FormError, Icon, copy_text, use_toasts};

type Sending = Pin<Box<dyn Future<Output = Result<(), AppError>>>>;

/// What a form made and what is sent once its person has kept the recovery code: were it sent first and the answer lost, the code would be too.
pub(crate) struct Made {
    code: RecoveryCode,
    send: Box<dyn Fn() -> Sending>,
}

impl Made {
    /// `send` can be called again where nobody knows what became of the first time.
    pub(crate) fn new<W>(code: RecoveryCode, send: impl Fn() -> W + 'static) -> Self
    where
        W: Future<Output = Result<(), AppError>> + 'static,
    {
        Self { code, send: Box::new(move || Box::pin(send())) }
    }
}

/// Where a form puts what it made.
pub(crate) type MadeSignal = RwSignal<Option<Made>, LocalStorage>;

/// A form, and in its place the recovery code once it is made: shown this once, and sent when the person has kept it.
#[component]
pub(crate) fn KeepCode(
    /// What the form made.
    made: MadeSignal,
    /// Where the form shows why it was refused after all.
    error: RwSignal<Option<AppError>>,
    /// What comes after.
    then: Callback<()>,
    /// The form. It stays as it is behind the code, to come back to.
    children: Children,
) -> impl IntoView {
    view! {
        <div hidden=move || made.with(Option::is_some)>{children()}</div>
        {move || made.with(|made| made.as_ref().map(|made| made.code.clone())).map(|code| view! {
            <Code code made error then />
        })}
    }
}

#[component]
fn Code(code: RecoveryCode, made: MadeSignal, error: RwSignal<Option<AppError>>, then: Callback<()>) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (pending, open) = (RwSignal::new(false), RwSignal::new(None::<AppError>));
    let heading = NodeRef::<H1>::new();
    // What the person pressed is gone: the keyboard and screen readers go on here.
    Effect::new(move || {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let text = code.text().to_string();
    let copy = move |_| {
        let code = code.clone();
        leptos::task::spawn_local(async move {
            match copy_text(&code.text()).await {
                Ok(()) => toasts.done(t!("Recovery code copied.")),
                Err(()) => toasts.failed(t!("The browser did not allow to copy. Write the code down.")),
            }
        });
    };
    let send = move |_| {
        let Some(sending) = made.with_untracked(|made| made.as_ref().map(|made| (made.send)())) else { return };
        open.set(None);
        session.act(pending, sending, move |sent| match sent {
            Ok(()) => {
                toasts.clear();
                then.run(());
            }
            Err(failed) if failed.leaves_open() => open.set(Some(failed)),
            Err(failed) => {
                error.set(Some(failed));
                made.set(None);
            }
        });
    };
    view! {
        <div class="card entrance-card">
            <p class="brand">"MySafe"</p>
            <h1 node_ref=heading tabindex="-1">{t!("Keep your recovery code")}</h1>
            <p>
                {t!("It opens your account when the password is lost. It is shown this once: write it down, or keep it in a safe place away from this \
                computer.")}
            </p>
            <code class="recovery-code">{text}</code>
            <button class="button" type="button" on:click=copy>{Icon::Copy.view()} {t!("Copy recovery code")}</button>
            <FormError error=open />
            <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=send>{t!("I have kept it")}</button>
            <HowThisWorks about=help::ACCOUNT />
        </div>
    }
}
