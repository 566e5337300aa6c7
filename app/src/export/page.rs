use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use serde::Serialize;
use vault::SecretId;
use zeroize::Zeroizing;

use super::api::{OwnValue, export_secrets};
use crate::account::own::prove;
use crate::account::{Session, use_session};
use crate::csv;
use crate::error::AppError;
use crate::secret::{Entry, records, use_secret_list};
use crate::ui::{Field, FormError, Progress, download, iso_time, local_time, use_toasts};

/// How many rows are printed.
const PRINTED: usize = 5_000;

/// Takes the list, or one's own secrets, out of MySafe.
#[component]
pub fn ExportPage() -> impl IntoView {
    let list = use_secret_list();
    let listed = move || list.listed.with(|listed| listed.len());
    let save_csv = move |_| {
        let parts = list.listed.with_untracked(|listed| as_csv(listed));
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        download("mysafe-list.csv", "text/csv", &parts);
    };
    let printing = RwSignal::new(false);
    Effect::new(move || {
        if printing.get() {
            // The rows are there by now; the dialog of the browser keeps the page until it is closed.
            let _ = window().print();
            printing.set(false);
        }
    });
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">"API secrets"</A></p>
            <h1>"Export"</h1>
            <section class="card" aria-labelledby="export-list">
                <h2 id="export-list">"The list"</h2>
                <p>{move || format!("{} as the list shows them now, with its filter and order. Names and addresses, no client secrets.", records(listed()))}</p>
                <div class="form-buttons">
                    <button class="button" type="button" on:click=move |_| printing.set(true)>"Print"</button>
                    <button class="button primary" type="button" on:click=save_csv>"Download CSV"</button>
                </div>
            </section>
            <OwnSecrets />
            {move || printing.get().then(|| list.listed.with(|listed| view! { <Print listed=Arc::clone(listed) /> }))}
        </div>
    }
}

/// The rows for paper.
#[component]
fn Print(listed: Arc<Vec<Arc<Entry>>>) -> impl IntoView {
    let line = |entry: &Arc<Entry>| {
        let row = &entry.row;
        view! {
            <tr>
                <td>{row.fields.name.clone()}</td><td>{row.fields.url.clone()}</td><td>{row.fields.client_id.clone()}</td>
                <td>{row.fields.tags.join(", ")}</td><td>{row.owner_name.clone()}</td>
                <td>{if row.shared { "Yes" } else { "No" }}</td><td>{if row.enabled { "Yes" } else { "No" }}</td>
                <td>{local_time(row.last_used_at)}</td>
            </tr>
        }
    };
    let more = listed.len().saturating_sub(PRINTED);
    view! {
        <table class="plain print-only">
            <thead>
                <tr>
                    <th>"Name"</th><th>"URL"</th><th>"Client ID"</th><th>"Tags"</th><th>"Owner"</th><th>"Shared"</th><th>"Enabled"</th><th>"Last use"</th>
                </tr>
            </thead>
            <tbody>{listed.iter().take(PRINTED).map(line).collect_view()}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="print-only">{format!("and {more} more")}</p> })}
    }
}

/// The list as lines of a file.
fn as_csv(listed: &[Arc<Entry>]) -> Vec<String> {
    let header = [
        "id",
        "name",
        "url",
        "client_id",
        "identifier",
        "method",
        "tags",
        "owner",
        "shared",
        "enabled",
        "last_use",
        "added",
        "changed",
    ];
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    let mut lines = vec![csv::line(header)];
    lines.extend(listed.iter().map(|entry| {
        let row = &entry.row;
        let (id, tags) = (row.id.to_string(), row.fields.tags.join(", "));
        let [used, added, changed] = [row.last_used_at, Some(row.created_at), Some(row.changed_at)]
            .map(|time| time.map(iso_time).unwrap_or_default());
        csv::line([
            id.as_str(),
            &row.fields.name,
            &row.fields.url,
            &row.fields.client_id,
            &row.fields.identifier,
            &row.fields.method,
            &tags,
            &row.owner_name,
            yes(row.shared),
            yes(row.enabled),
            &used,
            &added,
            &changed,
        ])
    }));
    lines
}

/// One's own secrets with their values, after the password.
#[component]
fn OwnSecrets() -> impl IntoView {
    let (session, list, toasts) = (use_session(), use_secret_list(), use_toasts());
    let (password, error, pending) =
        (RwSignal::new(String::new()), RwSignal::new(None::<AppError>), RwSignal::new(false));
    let own = move || list.all().iter().filter(|entry| entry.row.permission.is_none()).count();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let password = Zeroizing::new(password.get_untracked());
            let values = export_secrets(prove(session, &password).await?).await?;
            as_json(session, &untrack(|| list.all()), &values).await
        };
        session.act(pending, work, move |result| {
            password.set(String::new());
            match result {
                Ok(text) => {
                    download("mysafe-secrets.json", "application/json", &[&text]);
                    toasts.done("Exported. Anybody who has that file can read all of it.");
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="export-own">
            <h2 id="export-own">"Your own API secrets, opened"</h2>
            <p>{move || format!("{} that you own, with client secrets and notes, as JSON that MySafe can import. Nothing protects that file: keep it as you would keep the secrets themselves, and delete it when it has served.", records(own()))}</p>
            <form class="form" on:submit=submit novalidate>
                <Field label="Password" value=password error kind="password" autocomplete="current-password" required=true />
                <FormError error />
                <div class="form-buttons">
                    <button class="button" type="submit" aria-disabled=move || pending.get().to_string()>"Download JSON"</button>
                </div>
            </form>
        </section>
    }
}

/// One secret in the file. The names are those that the import knows.
#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    url: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    identifier: &'a str,
    method: &'a str,
    tags: &'a [String],
    notes: &'a str,
}

/// Opens the values, and writes them with what the list knows of them.
async fn as_json(session: Session, all: &[Arc<Entry>], values: &[OwnValue]) -> Result<Zeroizing<String>, AppError> {
    let keys = session.keys()?;
    let mut progress = Progress::new(|_| {});
    // Grows nowhere, so that no piece of it stays behind when it does.
    let size: usize = values.iter().map(|found| 2 * found.value.len() + 8_000).sum();
    let mut text = Zeroizing::new(String::with_capacity(size));
    text.push('[');
    let known: HashMap<SecretId, &Arc<Entry>> = all.iter().map(|entry| (entry.row.id, entry)).collect();
    for found in values {
        let Some(entry) = known.get(&found.id) else { continue };
        let value = keys.open_secret_key(found.id, &found.key)?.open_value(found.id, found.revision, &found.value)?;
        let fields = &entry.row.fields;
        let written = Written {
            name: &fields.name,
            url: &fields.url,
            client_id: &fields.client_id,
            client_secret: &value.client_secret,
            identifier: &fields.identifier,
            method: &fields.method,
            tags: &fields.tags,
            notes: &value.notes,
        };
        let separator = if text.len() > 1 { ",\n" } else { "\n" };
        text.push_str(separator);
        text.push_str(&Zeroizing::new(serde_json::to_string(&written).map_err(|_| AppError::UnreadableAnswer)?));
        progress.step().await;
    }
    text.push_str("\n]\n");
    Ok(text)
}
