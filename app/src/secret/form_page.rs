use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use vault::{SecretId, SecretKey, SecretValue};
use zeroize::Zeroize;

use super::api::{self, NewSecret, SecretChange, SecretFields, SecretRow};
use super::form::{METHODS, split_tags};
use super::list::use_secret_list;
use super::opening::{self, OpenSecret};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::pages::use_id;
use crate::ui::{Field, FormError, local_time, use_toasts};

/// What is being edited: a secret that is there, open.
type Edited = (SecretRow, OpenSecret);

/// Adds a secret.
#[component]
pub fn AddPage() -> impl IntoView {
    view! {
        <div class="page">
            <h1>"Add API secret"</h1>
            <SecretForm edited=None />
        </div>
    }
}

/// Changes a secret.
#[component]
pub fn EditPage() -> impl IntoView {
    let (id, session) = (use_id("secrets"), use_session());
    let edited = session.load(move || {
        let id = id.get();
        async move {
            let id: SecretId = id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
            let open = opening::open(session, id).await?;
            let row = api::get_secret(id).await?;
            // Somebody saved between the two requests: what is shown must be of one revision.
            if row.revision == open.revision { Ok::<Edited, AppError>((row, open)) } else { Err(AppError::Stale) }
        }
    });
    view! {
        <div class="page">
            <h1>"Edit API secret"</h1>
            {move || edited.get().map(|edited| match edited {
                Ok(edited) => view! { <SecretForm edited=Some(edited) /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

#[component]
fn SecretForm(edited: Option<Edited>) -> impl IntoView {
    let (session, list, toasts, navigate) = (use_session(), use_secret_list(), use_toasts(), use_navigate());
    let fields = edited.as_ref().map(|(row, _)| row.fields.clone()).unwrap_or_default();
    let value = edited.as_ref().map(|(_, open)| open.value.clone()).unwrap_or_default();
    let (name, url) = (RwSignal::new(fields.name), RwSignal::new(fields.url));
    let (client_id, identifier) = (RwSignal::new(fields.client_id), RwSignal::new(fields.identifier));
    let (method, tags) = (RwSignal::new(fields.method), RwSignal::new(fields.tags.join(", ")));
    let (client_secret, notes) = (RwSignal::new(value.client_secret.clone()), RwSignal::new(value.notes.clone()));
    let error = RwSignal::new(None::<AppError>);
    let history = edited.as_ref().map(|(row, _)| {
        let by = |time, who: &str| format!("{} by {who}", local_time(Some(time)));
        (by(row.created_at, &row.created_by), by(row.changed_at, &row.changed_by))
    });
    let back = edited.as_ref().map_or("/secrets".to_owned(), |(row, _)| format!("/secrets/{}", row.id));
    let base = StoredValue::new(match edited {
        Some((row, open)) => Base { id: row.id, key: open.key, revision: open.revision },
        None => Base { id: SecretId::random(), key: SecretKey::random(), revision: 0 },
    });
    // What was sent while nobody knows whether it arrived: the very same is sent again before anything else is.
    let sent = StoredValue::new(None::<(SecretFields, SecretValue, Sealed)>);
    on_cleanup(move || {
        for text in [client_secret, notes] {
            text.try_update(Zeroize::zeroize);
        }
    });
    let pending = RwSignal::new(false);
    let save = move || {
        let fields = SecretFields {
            name: name.get_untracked(),
            url: url.get_untracked(),
            client_id: client_id.get_untracked(),
            identifier: identifier.get_untracked(),
            method: method.get_untracked(),
            tags: split_tags(&tags.get_untracked()),
        };
        let value = SecretValue { client_secret: client_secret.get_untracked(), notes: notes.get_untracked() };
        async move {
            let fields = fields.checked()?;
            let mut unsettled = sent.get_value();
            if let Some((.., before)) = unsettled.take_if(|(of, with, _)| *of != fields || *with != value) {
                match before.send().await {
                    Ok(()) => base.update_value(|base| base.revision += 1),
                    Err(error) if error.leaves_open() => return Err(error),
                    // It did not arrive the first time, and is not taken now.
                    Err(_) => {}
                }
            }
            let sealed = match unsettled {
                Some((.., sealed)) => sealed,
                None => Sealed::make(session, &base.get_value(), fields.clone(), &value)?,
            };
            let result = sealed.clone().send().await;
            let is_open = result.as_ref().is_err_and(AppError::leaves_open);
            sent.try_update_value(|sent| *sent = is_open.then_some((fields, value, sealed)));
            result?;
            // Whether or not the person waited on this page for it.
            toasts.done("API secret saved");
            list.reload();
            Ok(())
        }
    };
    let done = back.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        toasts.clear();
        let (navigate, done) = (navigate.clone(), done.clone());
        session.act(pending, save(), move |saved| match saved {
            Ok(()) => navigate(&done, NavigateOptions::default()),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <form class="card form" on:submit=submit novalidate>
            <Field label="Name" value=name error required=true />
            <Field label="URL" value=url error required=true kind="url" hint="Where the API is, such as https://api.example.com." />
            <Field label="Client ID" value=client_id error required=true />
            <Field label="Client secret" value=client_secret error lines=2 masked=true
                hint="Sealed in this browser. The server never sees it." />
            <Field label="Identifier" value=identifier error hint="A name for programs: letters, digits, dots, hyphens, underscores." />
            <div class="field">
                <label for="field-method">"Method"</label>
                <select id="field-method" on:change=move |event| method.set(event_target_value(&event))>
                    {METHODS.map(|option| view! {
                        <option value=option selected=move || method.get() == option>{if option.is_empty() { "Not set" } else { option }}</option>
                    })}
                </select>
            </div>
            <Field label="Tags" value=tags error hint="Several with commas between them." />
            <Field label="Notes" value=notes error lines=4 hint="Sealed like the client secret." />
            {history.map(|(added, changed)| view! { <p class="hint">"Added " {added} ". Changed " {changed} "."</p> })}
            <FormError error />
            <div class="form-buttons">
                <a class="button quiet" href=back>"Cancel"</a>
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>"Save"</button>
            </div>
        </form>
    }
}

/// What the next save builds on.
#[derive(Clone)]
struct Base {
    id: SecretId,
    key: SecretKey,
    /// The revision that is there; 0 for a secret that is not yet.
    revision: u64,
}

/// A form that was sealed for sending. Sent again as it is, it is done once.
#[derive(Clone)]
enum Sealed {
    New(NewSecret),
    Change(SecretChange),
}

impl Sealed {
    fn make(session: Session, base: &Base, fields: SecretFields, value: &SecretValue) -> Result<Self, AppError> {
        let (id, revision) = (base.id, base.revision + 1);
        let value = base.key.seal_value(id, revision, value)?;
        Ok(if base.revision == 0 {
            let key = session.keys()?.seal_secret_key(id, &base.key);
            Self::New(NewSecret { id, fields, key, value })
        } else {
            Self::Change(SecretChange { id, fields, revision, value })
        })
    }

    async fn send(self) -> Result<(), AppError> {
        match self {
            Self::New(new) => api::add_secret(new).await,
            Self::Change(change) => api::change_secret(change).await,
        }
    }
}
