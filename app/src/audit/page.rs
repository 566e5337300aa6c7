use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use vault::SecretId;

use super::api::{AuditFilter, ExportAt, Format, audit_overview, export_audit, list_audit};
use super::chart::Chart;
use super::log::{LogTable, said};
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::ui::{FormError, day_start, download, now_millis, skeleton};

/// What was done, the latest first, for administrators.
#[component]
pub fn AuditPage() -> impl IntoView {
    let (session, query) = (use_session(), use_query_map());
    // The last entries of the pages before this one: the way back.
    let before = RwSignal::new(Vec::<u128>::new());
    let asked = RwSignal::new(AuditFilter::default());
    // A link may ask for one secret.
    Effect::new(move || {
        let secret = query.with(|query| query.get("secret")).and_then(|id| id.parse::<SecretId>().ok());
        before.set(Vec::new());
        asked.update(|filter| filter.secret = secret);
    });
    let page = session.load(move || list_audit(asked.get(), before.with(|before| before.last().copied())));
    let overview = session.load(audit_overview);
    view! {
        <div class="page wide">
            <h1>{t!("Audit log")}</h1>
            <p class="hint">{t!("What was done, the latest first. Every entry is bound to all before it; mysafe audit verify checks that none was changed.")}</p>
            {move || overview.get().map(|overview| match overview {
                Ok(overview) => view! {
                    <Chart days=overview.shared now=now_millis() />
                    <Filter events=overview.events asked before />
                }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
            {skeleton(page)}
            {move || page.get().map(|page| match page {
                Ok(page) => view! { <LogTable label=t!("Audit log") entries=page.entries next=page.next before links=true /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

/// Which entries are shown and exported.
#[component]
fn Filter(events: Vec<String>, asked: RwSignal<AuditFilter>, before: RwSignal<Vec<u128>>) -> impl IntoView {
    let session = use_session();
    let (who, event) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let secret =
        RwSignal::new(asked.with_untracked(|filter| filter.secret).map(|id| id.to_string()).unwrap_or_default());
    Effect::new(move || secret.set(asked.with(|filter| filter.secret).map(|id| id.to_string()).unwrap_or_default()));
    let (from, until) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, pending, exported) = (RwSignal::new(None::<AppError>), RwSignal::new(false), RwSignal::new(0_u32));
    let wanted = move || {
        let secret = secret.get_untracked();
        let id = secret_id(&secret);
        if id.is_none() && !secret.trim().is_empty() {
            return Err(AppError::invalid("API secret", "Write its whole ID, or paste the address of its page."));
        }
        Ok(AuditFilter {
            who: who.get_untracked(),
            secret: id,
            event: event.get_untracked(),
            from: day_start(&from.get_untracked(), false),
            until: day_start(&until.get_untracked(), true),
        })
    };
    let ask = move |filter: AuditFilter| {
        before.set(Vec::new());
        asked.set(filter);
    };
    let submit = move |submitted: leptos::ev::SubmitEvent| {
        submitted.prevent_default();
        match wanted() {
            Ok(filter) => {
                error.set(None);
                ask(filter);
            }
            Err(failed) => error.set(Some(failed)),
        }
    };
    let clear = move |_| {
        for field in [who, event, secret, from, until] {
            field.set(String::new());
        }
        error.set(None);
        ask(AuditFilter::default());
    };
    let export = move |format: Format| {
        error.set(None);
        exported.set(0);
        let filter = asked.get_untracked();
        let work = async move {
            let (mut parts, mut next) = (Vec::new(), Some(ExportAt::default()));
            while let Some(at) = next {
                let part = export_audit(filter.clone(), at, format).await?;
                exported.try_update(|count| *count += part.count);
                parts.push(part.text);
                next = part.next;
            }
            Ok(parts)
        };
        session.act(pending, work, move |result| match result {
            Ok(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                match format {
                    Format::Csv => download("mysafe-audit.csv", "text/csv", parts.as_slice()),
                    Format::JsonLines => download("mysafe-audit.jsonl", "application/jsonl", parts.as_slice()),
                }
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let text = |label: &'static str, kind: &'static str, value: RwSignal<String>| {
        view! {
            <label class="field">
                <span>{label}</span>
                <input type=kind prop:value=value on:input=move |event| value.set(event_target_value(&event)) autocomplete="off" />
            </label>
        }
    };
    view! {
        <form class="filter-form" on:submit=submit role="search" aria-label=t!("Filter of the audit log")>
            {text(t!("Who"), "text", who)}
            <label class="field">
                <span>{t!("What")}</span>
                <select prop:value=event on:change=move |changed| event.set(event_target_value(&changed))>
                    <option value="">{t!("Everything")}</option>
                    {events.into_iter().map(|event| view! { <option value=event.clone()>{said(&event)}</option> }).collect_view()}
                </select>
            </label>
            <label class="field">
                <span>{t!("API secret")}</span>
                <input type="text" prop:value=secret on:input=move |event| secret.set(event_target_value(&event)) autocomplete="off"
                    aria-describedby="audit-secret-hint" />
            </label>
            {text(t!("From"), "date", from)}
            {text(t!("Until"), "date", until)}
            <p class="hint" id="audit-secret-hint">
                {t!("API secret: the address of its page, or the whole ID, which stands in that address. Where it is in the log, its name leads to all that was done to it.")}
            </p>
            <div class="filter-buttons">
                <button class="button primary" type="submit">{t!("Filter")}</button>
                <button class="button" type="button" on:click=clear>{t!("Clear")}</button>
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| export(Format::Csv)>{t!("Export CSV")}</button>
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| export(Format::JsonLines)>{t!("Export JSON lines")}</button>
            </div>
        </form>
        <FormError error />
        <p role="status" class="hint">{move || pending.get().then(|| t!("Exporting: {lines} lines …", lines = exported.get()))}</p>
    }
}

/// The secret of which somebody wrote the id, or an address that has it.
fn secret_id(text: &str) -> Option<SecretId> {
    text.trim().split(['/', '?', '#', '=']).find_map(|part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_by_its_id_and_by_the_address_of_its_page() {
        let id = SecretId::random();
        for text in
            [format!(" {id} "), format!("https://vault.example/secrets/{id}/edit"), format!("/audit?secret={id}")]
        {
            assert_eq!(secret_id(&text), Some(id), "{text}");
        }
        assert_eq!(secret_id("Ledger API"), None);
        assert_eq!(secret_id("12ab34"), None);
    }
}
