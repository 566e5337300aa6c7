use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use vault::{SecretId, SecretKey, SecretValue, generate_client_secret};
use zeroize::{Zeroize, Zeroizing};

use super::api::{self, NewSecret, NewValue, SecretChange, SecretFields, SecretRow};
use super::conflict::{Conflict, Difference};
use super::form::{METHODS, split_tags};
use super::list::use_secret_list;
use super::opening::{self, OpenSecret};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::language::{t, text};
use crate::pages::use_id;
use crate::ui::{Field, FormError, local_time, skeleton, use_toasts};

/// What is being edited: a secret that is there, open.
type Edited = (SecretRow, OpenSecret);

/// Adds a secret.
#[component]
pub fn AddPage() -> impl IntoView {
    view! {
        <div class="page">
            <h1>{t!("Add API secret")}</h1>
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
        async move { opening::with_row(session, id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?).await }
    });
    view! {
        <div class="page">
            <h1>{t!("Edit API secret")}</h1>
            {skeleton(edited)}
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
    let rotate_on = RwSignal::new(fields.rotate_on);
    let (client_secret, notes) = (RwSignal::new(value.client_secret.clone()), RwSignal::new(value.notes.clone()));
    let error = RwSignal::new(None::<AppError>);
    let history = edited.as_ref().map(|(row, _)| {
        let by = |time, who: &str| t!("{when} by {name}", when = local_time(Some(time)), name = who);
        (by(row.created_at, &row.created_by), by(row.changed_at, &row.changed_by))
    });
    let is_edit = edited.is_some();
    let is_own = edited.as_ref().is_none_or(|(row, _)| row.permission.is_none());
    let back = edited.as_ref().map_or("/secrets".to_owned(), |(row, _)| format!("/secrets/{}", row.id));
    let base = StoredValue::new(match edited {
        Some((row, open)) => Base::of(row, open),
        None => Base { id: SecretId::random(), key: SecretKey::random(), revision: 0, before: None },
    });
    // What somebody else has saved in the meantime.
    let conflict = RwSignal::new(None::<Vec<Difference>>);
    let changed_by = RwSignal::new(String::new());
    // What was sent while nobody knows whether it arrived: the very same is sent again before anything else is.
    let sent = StoredValue::new(None::<(SecretFields, SecretValue, Sealed)>);
    on_cleanup(move || {
        for text in [client_secret, notes] {
            text.try_update(Zeroize::zeroize);
        }
    });
    let pending = RwSignal::new(false);
    let differences = move |(fields, value): &(SecretFields, SecretValue)| {
        [
            Difference::new(text!("Name"), name, &fields.name),
            Difference::new("URL", url, &fields.url),
            Difference::new(text!("Client ID"), client_id, &fields.client_id),
            Difference::new(text!("Client secret"), client_secret, &value.client_secret).masked(),
            Difference::new(text!("Identifier"), identifier, &fields.identifier),
            Difference::new(text!("Method"), method, &fields.method),
            Difference::new(text!("Tags"), tags, &fields.tags.join(", ")),
            Difference::new(text!("Rotation date"), rotate_on, &fields.rotate_on),
            Difference::new(text!("Notes"), notes, &value.notes).masked(),
        ]
        .into_iter()
        .filter(Difference::is_one)
        .collect()
    };
    let save = move || {
        let fields = SecretFields {
            name: name.get_untracked(),
            url: url.get_untracked(),
            client_id: client_id.get_untracked(),
            identifier: identifier.get_untracked(),
            method: method.get_untracked(),
            tags: split_tags(&tags.get_untracked()),
            rotate_on: rotate_on.get_untracked(),
        };
        let value = SecretValue { client_secret: client_secret.get_untracked(), notes: notes.get_untracked() };
        async move {
            let fields = fields.checked()?;
            let mut unsettled = sent.get_value();
            if let Some((of, with, before)) = unsettled.take_if(|(of, with, _)| *of != fields || *with != value) {
                match before.send().await {
                    Ok(()) => base.update_value(|base| {
                        base.revision += 1;
                        base.before = Some((of, with));
                    }),
                    Err(error) if error.leaves_open() => return Err(error),
                    // It did not arrive the first time, and is not taken now.
                    Err(_) => {}
                }
            }
            let mut sealed = match unsettled {
                Some((.., sealed)) => sealed,
                None => Sealed::make(session, &base.try_get_value().ok_or(AppError::Stale)?, fields.clone(), &value)?,
            };
            let mut result = sealed.clone().send().await;
            if result == Err(AppError::Stale) && is_edit {
                let gone = || AppError::Stale;
                let id = base.try_with_value(|base| base.id).ok_or_else(gone)?;
                let (row, open) = opening::with_row(session, id).await?;
                let by = row.changed_by.clone();
                let new = Base::of(row, open);
                // Whoever has left the page meanwhile gets no answer.
                if base.is_disposed() {
                    return Err(gone());
                }
                let theirs =
                    new.before.as_ref().filter(|now| base.with_value(|base| base.before.as_ref() != Some(*now)));
                let found: Vec<Difference> = theirs.map(&differences).unwrap_or_default();
                base.set_value(new);
                if found.is_empty() {
                    // It has another key, and nothing that the form does not have.
                    sealed = Sealed::make(session, &base.get_value(), fields.clone(), &value)?;
                    result = sealed.clone().send().await;
                } else {
                    changed_by.set(by);
                    conflict.set(Some(found));
                }
            }
            let is_open = result.as_ref().is_err_and(AppError::leaves_open);
            sent.try_update_value(|sent| *sent = is_open.then_some((fields, value, sealed)));
            result?;
            // Whether or not the person waited on this page for it.
            toasts.done(t!("API secret saved"));
            list.refresh();
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
            <Field label=text!("Name") value=name error required=true />
            <Field label=text!("URL") value=url error required=true kind="url" hint=t!("Where the API is, such as https://api.example.com.") />
            <Field label=text!("Client ID") value=client_id error required=true />
            <Field label=text!("Client secret") value=client_secret error lines=2 masked=true
                hint=t!("Sealed in this browser. The server never sees it.") />
            <Generate client_secret />
            <Field label=text!("Identifier") value=identifier error hint=t!("A name for programs: letters, digits, dots, hyphens, underscores.") />
            <div class="field">
                <label for="field-method">{t!("Method")}</label>
                <select id="field-method" on:change=move |event| method.set(event_target_value(&event))>
                    {METHODS.map(|option| view! {
                        <option value=option prop:selected=move || method.get() == option>{if option.is_empty() { t!("Not set") } else { option }}</option>
                    })}
                </select>
            </div>
            <Field label=text!("Tags") value=tags error list="form-tags" hint=t!("Several with commas between them.") />
            <datalist id="form-tags">
                {move || suggestions(&list.tags(), &tags.get()).into_iter().map(|text| view! { <option value=text></option> }).collect_view()}
            </datalist>
            <Field label=text!("Notes") value=notes error lines=4 hint=t!("Sealed like the client secret.") />
            {is_own.then(|| view! {
                <Field label=text!("Rotation date") value=rotate_on error kind="date" hint=t!("When it should get a new client secret. You are reminded from a week before.") />
            })}
            {history.map(|(added, changed)| view! { <p class="hint">{t!("Added {added}. Changed {changed}.", added, changed)}</p> })}
            {move || conflict.get().map(|differences| view! { <Conflict by=changed_by.get() differences /> })}
            <FormError error />
            <div class="form-buttons">
                <a class="button quiet" href=back>{t!("Cancel")}</a>
                <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Save")}</button>
            </div>
        </form>
    }
}

/// What the field for tags may become: its text with one of the known tags in the place of the last one.
fn suggestions(known: &[String], text: &str) -> Vec<String> {
    let before = text.rfind(',').map_or("", |comma| &text[..=comma]);
    let has = split_tags(before);
    let space = if before.is_empty() { "" } else { " " };
    known.iter().filter(|tag| !has.contains(tag)).map(|tag| format!("{before}{space}{tag}")).collect()
}

/// What the next save builds on.
#[derive(Clone)]
struct Base {
    id: SecretId,
    key: SecretKey,
    /// The revision that is there; 0 for a secret that is not yet.
    revision: u64,
    /// What it has in that revision.
    before: Option<(SecretFields, SecretValue)>,
}

impl Base {
    fn of(row: SecretRow, open: OpenSecret) -> Self {
        Self { id: row.id, key: open.key, revision: open.revision, before: Some((row.fields, open.value)) }
    }
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
        let seal = || base.key.seal_value(id, revision, value);
        Ok(if let Some((_, before)) = &base.before {
            // What stays as it is is no version of its own.
            let rotates = before.client_secret != value.client_secret;
            let sealed = (before != value).then(seal).transpose()?;
            let value = sealed.map(|sealed| NewValue { sealed, rotates, restores: None });
            Self::Change(SecretChange { id, fields, revision, value })
        } else {
            let key = session.keys()?.seal_secret_key(id, &base.key);
            Self::New(NewSecret { id, fields, key, value: seal()? })
        })
    }

    async fn send(self) -> Result<(), AppError> {
        match self {
            Self::New(new) => api::add_secret(new).await,
            Self::Change(change) => api::change_secret(change).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_complete_the_last_tag() {
        let known = ["eu".to_owned(), "prod".to_owned()];
        assert_eq!(suggestions(&known, ""), ["eu", "prod"]);
        assert_eq!(suggestions(&known, "pr"), ["eu", "prod"]);
        assert_eq!(suggestions(&known, "eu, pr"), ["eu, prod"]);
        assert_eq!(suggestions(&known, "eu,prod,"), Vec::<String>::new());
    }
}

/// Fills in a new client secret, for those who give it to the API themselves.
#[component]
fn Generate(client_secret: RwSignal<String>) -> impl IntoView {
    let generated = RwSignal::new(None::<Zeroizing<String>>);
    let generate = move |_| {
        let new = generate_client_secret();
        client_secret.update(|text| {
            text.zeroize();
            text.clone_from(&new);
        });
        generated.set(Some(new));
    };
    // Said as long as it is what stands there.
    let is_there =
        move || generated.with(|new| new.as_ref().is_some_and(|new| client_secret.with(|text| *text == **new)));
    view! {
        <div class="value">
            <button class="button" type="button" on:click=generate>{t!("Generate client secret")}</button>
            <p class="hint" role="status">{move || is_there().then_some("32 letters and digits are filled in.")}</p>
        </div>
    }
}
