use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use vault::SecretId;
use zeroize::Zeroizing;

use super::api::{OwnValue, export_secrets};
use super::json::Json;
use crate::account::own::prove;
use crate::account::{Session, use_session};
use crate::csv;
use crate::error::AppError;
use crate::language::{n, t, text};
use crate::secret::api::{SecretRow, list_secrets};
use crate::secret::{Entry, SecretFields, use_secret_list};
use crate::ui::{Field, FormError, Progress, download, iso_time, local_time, number, use_toasts};

/// How many rows are printed.
const PRINTED: usize = 5_000;

/// Takes the list, or one's own secrets, out of MySafe.
#[component]
pub fn ExportPage() -> impl IntoView {
    let list = use_secret_list();
    let listed = move || list.listed.with(|listed| listed.len());
    // What is here may be from before an undo of all of it.
    let is_loaded = move || list.is_loaded() && !list.is_reloading();
    let save_csv = move |_| {
        if !untrack(is_loaded) {
            return;
        }
        let parts = list.listed.with_untracked(|listed| as_csv(listed));
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        download("mysafe-list.csv", "text/csv", &parts);
    };
    let printing = RwSignal::new(false);
    let print = move |_| printing.set(untrack(is_loaded));
    let listed_text = move || -> String {
        if !is_loaded() {
            return t!("Loading …").into();
        }
        n!(
            listed(),
            "{n} record as the list shows them now, with its filter and order. Names and addresses, no client secrets.",
            "{n} records as the list shows them now, with its filter and order. Names and addresses, no client secrets."
        )
    };
    Effect::new(move || {
        if printing.get() {
            // The rows are there by now; the dialog of the browser keeps the page until it is closed.
            let _ = window().print();
            printing.set(false);
        }
    });
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">{t!("API secrets")}</A></p>
            <h1>{t!("Export")}</h1>
            <section class="card" aria-labelledby="export-list">
                <h2 id="export-list">{t!("The list")}</h2>
                <p>{listed_text}</p>
                <div class="form-buttons">
                    <button class="button" type="button" aria-disabled=move || (!is_loaded()).to_string() on:click=print>{t!("Print")}</button>
                    <button class="button primary" type="button" aria-disabled=move || (!is_loaded()).to_string() on:click=save_csv>{t!("Download CSV")}</button>
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
                <td>{if row.shared { t!("Yes") } else { t!("No") }}</td><td>{if row.enabled { t!("Yes") } else { t!("No") }}</td>
                <td>{local_time(row.last_used_at)}</td>
            </tr>
        }
    };
    let more = listed.len().saturating_sub(PRINTED);
    view! {
        <table class="plain print-only">
            <thead>
                <tr>
                    <th>{t!("Name")}</th><th>{t!("URL")}</th><th>{t!("Client ID")}</th><th>{t!("Tags")}</th><th>{t!("Owner")}</th><th>{t!("Shared")}</th><th>{t!("Enabled")}</th><th>{t!("Last use")}</th>
                </tr>
            </thead>
            <tbody>{listed.iter().take(PRINTED).map(line).collect_view()}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="print-only">{t!("and {more} more", more = number(more))}</p> })}
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
    // By the mark before it Excel knows that it is UTF-8.
    let mut lines = vec![format!("\u{FEFF}{}", csv::line(header))];
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
    let own = move || {
        let count = || list.all().iter().filter(|entry| entry.row.permission.is_none()).count();
        if list.is_loaded() {
            n!(
                count(),
                "{n} record that you own, with its client secret and notes.",
                "{n} records that you own, with their client secrets and notes."
            )
        } else {
            t!("All records that you own, with their client secrets and notes.").into()
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let work = async move {
            let password = Zeroizing::new(password.get_untracked());
            let values = export_secrets(prove(session, &password).await?).await?;
            // Asked for now: the list of this page may not be here yet, or not know the latest of them.
            let (rows, ..) = list_secrets().await?;
            as_json(session, &rows, &values).await
        };
        session.act(pending, work, move |result| {
            password.set(String::new());
            match result {
                Ok(text) => {
                    download("mysafe-secrets.json", "application/json", &[&text]);
                    toasts.done(t!("Exported. Anybody who has that file can read all of it."));
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="export-own">
            <h2 id="export-own">{t!("Your own API secrets, opened")}</h2>
            <p>{own} " " {t!("It is JSON, which MySafe can import. Nothing protects that file: keep it as you would keep the secrets themselves, and delete it when it has served.")}</p>
            <form class="form" on:submit=submit novalidate>
                <Field label=text!("Password") value=password error kind="password" autocomplete="current-password" required=true />
                <FormError error />
                <div class="form-buttons">
                    <button class="button" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Download JSON")}</button>
                </div>
            </form>
        </section>
    }
}

/// Opens the values, and writes them with what the list knows of them.
async fn as_json(session: Session, rows: &[SecretRow], values: &[OwnValue]) -> Result<Zeroizing<String>, AppError> {
    let keys = session.keys()?;
    let mut progress = Progress::new(|_| {});
    let mut json = Json::with_capacity(values.iter().map(|found| 2 * found.value.len() + 8_000).sum());
    let known: HashMap<SecretId, &SecretFields> = rows.iter().map(|row| (row.id, &row.fields)).collect();
    for found in values {
        // A file that says nothing of what it lacks is worse than none.
        let gone = || AppError::invalid("API secrets", "Some of them changed meanwhile. Try again.");
        let fields = known.get(&found.id).ok_or_else(gone)?;
        let value = keys.open_secret_key(found.id, &found.key)?.open_value(found.id, found.revision, &found.value)?;
        json.push(fields, &value)?;
        progress.step().await;
    }
    Ok(json.finish())
}
