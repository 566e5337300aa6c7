use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use vault::{BatchId, SecretId, SecretKey};
use wasm_bindgen_futures::JsFuture;
use zeroize::{Zeroize, Zeroizing};

use super::api::{MAX_IMPORT, import_secrets};
use super::preview::{Choices, Counts, Present, Shown, State, counts, key, shown, states};
use super::record::{Parsed, parse};
use crate::account::{Session, use_session};
use crate::activity::api::{Undo, undo_batch};
use crate::batch::{Failure, Sending, receipt_address};
use crate::error::AppError;
use crate::language::{Counted, n, name, t, translate};
use crate::secret::api::NewSecret;
use crate::secret::{Entry, split_tags, use_secret_list};
use crate::ui::{Progress, number, use_toasts};

/// The largest file that is read, in bytes.
const MAX_FILE: f64 = 20.0 * 1024.0 * 1024.0;
/// The most that is sent at once, in bytes: what the server takes, with room for what is around it.
const MAX_SENT: usize = 30 * 1024 * 1024;
/// How many of those that are not taken are told.
const TOLD: usize = 1_000;

/// What is sent: the batch and its secrets, sealed.
type Sealed = (BatchId, Vec<NewSecret>);

/// Brings secrets from a file.
#[component]
pub fn ImportPage() -> impl IntoView {
    let (session, list) = (use_session(), use_secret_list());
    // What is in the file is compared with it.
    let is_loaded = Memo::new(move |_| list.is_loaded());
    let (parsed, reading) = (RwSignal::new(None::<Result<Parsed, AppError>>), RwSignal::new(false));
    let choose = move |event: leptos::ev::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        parsed.set(None);
        session.send(reading, read(file), move |result| parsed.set(Some(result)));
    };
    view! {
        <div class="page wide">
            <p class="back"><A href="/secrets">{t!("API secrets")}</A></p>
            <h1>{t!("Import")}</h1>
            <p class="hint">
                {t!("Bitwarden (JSON or CSV), 1Password CSV, KeePass and KeePassXC CSV, Postman environments, .env files, any CSV with a header, JSON lists. The file is read and sealed in this browser: the server never sees what is in it. Delete it afterwards.")}
            </p>
            <label class="field">
                <span>{t!("File")}</span>
                <input type="file" accept=".csv,.json,.env,.txt,text/*,application/json" on:change=choose />
            </label>
            {move || (reading.get() || (parsed.with(Option::is_some) && !is_loaded.get())).then(|| view! { <p role="status" class="hint">{t!("Reading …")}</p> })}
            {move || list.failure.get().filter(|_| !is_loaded.get()).map(|error| view! {
                <p class="banner failure" role="alert">{error.to_string()}</p>
            })}
            {move || {
                parsed.track();
                // Taken out: there is one copy, and it is wiped when the page goes.
                is_loaded.get().then(|| parsed.try_update_untracked(Option::take).flatten()).flatten()
            }.map(|parsed| match parsed {
                Ok(parsed) => view! { <Preview parsed /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

/// Reads a file as text: UTF-8, or what spreadsheets and old programs write instead.
async fn read(file: web_sys::File) -> Result<Parsed, AppError> {
    if file.size() > MAX_FILE {
        return Err(AppError::invalid("File", "It is larger than 20 MB. Split it."));
    }
    let unreadable = |_| AppError::invalid("File", "The browser could not read it.");
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(unreadable)?;
    let bytes = Zeroizing::new(js_sys::Uint8Array::new(&buffer).to_vec());
    let encoding = match bytes[..] {
        [0xFF, 0xFE, ..] => "utf-16le",
        [0xFE, 0xFF, ..] => "utf-16be",
        // What is no UTF-8 is what western Windows programs write, which Latin-1 is a part of.
        _ if std::str::from_utf8(&bytes).is_err() => "windows-1252",
        _ => "utf-8",
    };
    let text = web_sys::TextDecoder::new_with_label(encoding)
        .and_then(|decoder| decoder.decode_with_u8_array(&bytes))
        .map_err(unreadable)?;
    let parsed = parse(&file.name(), &Zeroizing::new(text))?;
    if parsed.records.len() > MAX_IMPORT {
        let reason = n!(
            parsed.records.len(),
            "It has {n} record. Import at most {limit} at a time: split it.",
            "It has {n} records. Import at most {limit} at a time: split it.",
            limit = MAX_IMPORT
        );
        return Err(AppError::invalid("File", reason));
    }
    Ok(parsed)
}

/// What the person has already.
fn present(all: &[Arc<Entry>]) -> Present {
    let mut present = Present::default();
    for entry in all.iter().filter(|entry| entry.row.permission.is_none()) {
        let fields = &entry.row.fields;
        present.known.insert(key(fields));
        if !fields.identifier.is_empty() {
            present.identifiers.insert(fields.identifier.clone());
        }
    }
    present
}

#[component]
fn Preview(parsed: Parsed) -> impl IntoView {
    let (session, list, toasts, navigate) = (use_session(), use_secret_list(), use_toasts(), use_navigate());
    let needs_url = parsed.records.iter().any(|record| record.fault.is_none() && record.url.trim().is_empty());
    let (format, place, skipped) = (parsed.format, parsed.place, parsed.skipped.clone());
    let (has, parsed) = (RwSignal::new(present(&untrack(|| list.all()))), StoredValue::new(parsed));
    on_cleanup(move || {
        parsed.try_update_value(|parsed| parsed.records.iter_mut().for_each(Zeroize::zeroize));
    });
    let choices = RwSignal::new(Choices::default());
    let states = Memo::new(move |_| {
        parsed.with_value(|parsed| has.with(|has| choices.with(|choices| states(parsed, has, choices))))
    });
    let count = Memo::new(move |_| states.with(|states| counts(states)));
    let sending = Sending::<Sealed>::new();
    let Sending { pending, error, .. } = sending;
    // What comes and goes meanwhile counts, but for what is being sent.
    Effect::new(move |before: Option<()>| {
        let all = list.all();
        if !sending.is_fixed() && before.is_some() {
            has.set(present(&all));
        }
    });
    let (done, cancelled, is_sent) = (RwSignal::new(0_usize), RwSignal::new(false), RwSignal::new(false));
    let import = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        if count.get_untracked().fits == 0 {
            error.set(Some(AppError::invalid("File", "There is nothing in it to import.")));
            return;
        }
        error.set(None);
        done.set(0);
        is_sent.set(false);
        cancelled.set(false);
        let number = count.get_untracked().fits;
        let work = async move {
            let make = || async move {
                let sealed = seal(session, parsed, &states.get_untracked(), done, cancelled).await?;
                is_sent.try_set(true);
                Ok((BatchId::random(), sealed))
            };
            let (batch, _) = sending.send(make, |(id, sealed)| import_secrets(id, sealed)).await?;
            // Whoever has left the page wants it all the same.
            if !cancelled.try_get_untracked().unwrap_or_default() {
                return Ok(Some(batch));
            }
            // It was on its way already.
            let undo = Undo { id: BatchId::random(), batch, shares: Vec::new(), keys: Vec::new() };
            let undo = undo_batch(undo).await;
            Ok(if undo.is_ok() { None } else { Some(batch) })
        };
        let navigate = navigate.clone();
        session.send(pending, work, move |result| match result {
            Ok(Some(id)) => {
                list.refresh();
                // Also where it was to be cancelled, and could not be any more: the receipt has the undo.
                toasts.done_with(n!(number, "{n} record imported", "{n} records imported"), Some(receipt_address(id)));
                navigate("/secrets", NavigateOptions::default());
            }
            Ok(None) => toasts.done(t!("Cancelled. What was imported already is in the bin.")),
            Err(AppError::Cancelled) => toasts.done(t!("Cancelled. Nothing was imported.")),
            Err(failed) => error.set(Some(failed)),
        });
    };
    let tick = move |label: &'static str, set: fn(&mut Choices, bool)| {
        view! {
            <label class="choice">
                <input type="checkbox" on:change=move |event| choices.update(|choices| set(choices, event_target_checked(&event))) />
                <span>{label}</span>
            </label>
        }
    };
    let may_have =
        |of: fn(Counts) -> usize| Memo::new(move |before: Option<&bool>| before == Some(&true) || of(count.get()) > 0);
    let (has_duplicates, has_unlikely) = (may_have(|counts| counts.duplicates), may_have(|counts| counts.unlikely));
    let shown = Memo::new(move |_| states.with(|states| shown(states)));
    let rows = move || {
        parsed.with_value(|parsed| {
            states.with(|states| {
                let line = |index: &usize| row(parsed, *index, &states[*index]);
                shown.with(|shown| shown.records.iter().map(line).collect_view())
            })
        })
    };
    view! {
        <form class="import" on:submit=import novalidate>
            <div class="picking" inert=move || sending.is_fixed()>
                {needs_url.then(|| view! {
                    <label class="field">
                        <span>{t!("URL for records without one")}</span>
                        <input type="url" placeholder=name!("https://") on:change=move |event| choices.update(|choices| choices.url = event_target_value(&event)) />
                    </label>
                })}
                <label class="field">
                    <span>{t!("Tags for all of them ")} <span class="hint">{t!("(optional)")}</span></span>
                    <input type="text" autocomplete="off" on:change=move |event| choices.update(|choices| choices.tags = split_tags(&event_target_value(&event))) />
                </label>
                {move || has_duplicates.get().then(|| tick(t!("Import what is there already once more"), |choices, on| choices.duplicates = on))}
                {move || has_unlikely.get().then(|| tick(t!("Import what does not look like a secret as well"), |choices, on| choices.unlikely = on))}
            </div>
            <p role="status" class="notice">{move || summary(format, count.get(), skipped.len())}</p>
            <Failure sending nothing=t!("Nothing was imported:") again=t!("It may have been done already. Import again to make sure: it is done once.")
                secret=Callback::new(|_| None) recipient=Callback::new(|_| None) />
            {move || pending.get().then(|| view! {
                <label class="progress">
                    <span>{match (cancelled.get(), is_sent.get()) {
                        (true, _) => t!("Cancelling"),
                        (false, true) => t!("Saving"),
                        (false, false) => t!("Sealing in your browser"),
                    }}</span>
                    <progress max=count.get_untracked().fits.to_string() value=move || done.get().to_string()></progress>
                </label>
            })}
            <div class="form-buttons">
                {move || pending.get().then(|| view! {
                    <button class="button" type="button" on:click=move |_| cancelled.set(true)>{t!("Cancel")}</button>
                })}
                <button class="button primary" type="submit" aria-disabled=move || (pending.get() || count.get().fits == 0).to_string()>
                    {move || n!(count.get().fits, "Import {n} record", "Import {n} records")}
                </button>
            </div>
        </form>
        <div class="card scroll">
            <table class="plain" aria-label=t!("Records in the file")>
                <thead>
                    <tr>
                        <th scope="col">{translate(place)}</th><th scope="col">{t!("Name")}</th><th scope="col">{t!("URL")}</th>
                        <th scope="col">{t!("Client ID")}</th><th scope="col">{t!("State")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {move || shown.with(Shown::more_text).map(|text| view! { <p class="hint">{text}</p> })}
        </div>
        {move || {
            let skipped = parsed.with_value(|parsed| parsed.skipped.clone());
            let more = skipped.len().saturating_sub(TOLD);
            let line = move |(at, why): &(usize, &str)| view! { <li>{t!("{place} {at} {why}.", place = translate(place), at, why = translate(why))}</li> };
            (!skipped.is_empty()).then(|| view! {
                <section class="card" aria-label=t!("Not taken")>
                    <h2>{t!("Not taken")}</h2>
                    <ul class="problems">
                        {skipped.iter().take(TOLD).map(line).collect_view()}
                        {(more > 0).then(|| view! { <li>{t!("and {more} more", more = number(more))}</li> })}
                    </ul>
                </section>
            })
        }}
    }
}

fn row(parsed: &Parsed, index: usize, state: &State) -> impl IntoView + use<> {
    let record = &parsed.records[index];
    let said = match state {
        State::Fits(_) => t!("New").into(),
        State::Without(_, identifier) => t!("New, without its identifier {identifier}", identifier),
        State::Duplicate => t!("There already").into(),
        State::Unlikely => t!("Does not look like a secret").into(),
        State::Wrong(what) => what.clone(),
    };
    view! {
        <tr class:wrong=matches!(state, State::Wrong(_))>
            <td>{record.place}</td>
            <th scope="row">{record.name.chars().take(80).collect::<String>()}</th>
            <td>{record.url.chars().take(80).collect::<String>()}</td>
            <td>{record.client_id.chars().take(80).collect::<String>()}</td>
            <td>{said}</td>
        </tr>
    }
}

fn summary(format: &str, counts: Counts, skipped: usize) -> String {
    let parts: [Counted; 5] = [
        (counts.without, |count| {
            n!(
                count,
                "{n} of them without an identifier that is taken",
                "{n} of them without an identifier that is taken"
            )
        }),
        (counts.duplicates, |count| n!(count, "{n} there already", "{n} there already")),
        (counts.unlikely, |count| n!(count, "{n} not like secrets", "{n} not like secrets")),
        (counts.wrong, |count| {
            n!(count, "{n} with something to mend in the file", "{n} with something to mend in the file")
        }),
        (skipped, |count| n!(count, "{n} not taken", "{n} not taken")),
    ];
    let fits = n!(
        counts.fits,
        "{format}: {n} record to import",
        "{format}: {n} records to import",
        format = translate(format)
    );
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, say)| say(*count));
    std::iter::once(fits).chain(parts).collect::<Vec<_>>().join(", ") + "."
}

/// Seals the records that fit, each under a key of its own.
async fn seal(
    session: Session,
    parsed: StoredValue<Parsed>,
    states: &[State],
    done: RwSignal<usize>,
    cancelled: RwSignal<bool>,
) -> Result<Vec<NewSecret>, AppError> {
    let keys = session.keys()?;
    let report = move |count| {
        done.try_set(count);
    };
    let (mut progress, mut sealed, mut size) = (Progress::new(report), Vec::new(), 0);
    for (index, state) in states.iter().enumerate() {
        let Some(fields) = state.fields() else { continue };
        if cancelled.try_get_untracked() != Some(false) {
            return Err(AppError::Cancelled);
        }
        let value = parsed.with_value(|parsed| parsed.records[index].value());
        let (id, key) = (SecretId::random(), SecretKey::random());
        let value = key.seal_value(id, 1, &value)?;
        size += value.len() + 1_000;
        sealed.push(NewSecret { id, fields: fields.clone(), key: keys.seal_secret_key(id, &key), value });
        progress.step().await;
    }
    if size > MAX_SENT {
        return Err(AppError::invalid("File", "Its values are too long for one import. Split it."));
    }
    Ok(sealed)
}
