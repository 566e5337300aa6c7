use leptos::prelude::*;
use leptos_router::components::A;
use vault::{BatchId, SecretId};

use super::api::{BinRow, list_bin, restore_secrets};
use crate::account::use_session;
use crate::error::AppError;
use crate::secret::{Selection, records, use_secret_list};
use crate::ui::{CheckAll, FormError, local_time, use_toasts};

/// What is in the bin, and how it comes out again.
#[component]
pub fn BinPage() -> impl IntoView {
    let session = use_session();
    let again = Trigger::new();
    let rows = session.load(move || {
        again.track();
        list_bin()
    });
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">"API secrets"</A></p>
            <h1>"Bin"</h1>
            <p class="hint">"Nobody has access to what is here. It is removed for good 30 days after it was deleted; until then it can be restored, shared as it was."</p>
            {move || rows.get().map(|rows| match rows {
                Ok(rows) if rows.is_empty() => view! { <p class="card empty">"The bin is empty."</p> }.into_any(),
                Ok(rows) => view! { <Rows rows again /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

#[component]
fn Rows(rows: Vec<BinRow>, again: Trigger) -> impl IntoView {
    let (session, toasts, list) = (use_session(), use_toasts(), use_secret_list());
    let selection = RwSignal::new(Selection::default());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let ids: Vec<SecretId> = rows.iter().map(|row| row.id).collect();
    let total = ids.len();
    let ids = StoredValue::new(ids);
    let count = move || selection.with(Selection::len);
    let toggle_all = Callback::new(move |()| {
        selection.update(|selection| ids.with_value(|ids| selection.toggle_all(ids.iter().copied())));
    });
    let restore = move |_| {
        let chosen =
            selection.with_untracked(|selection| ids.with_value(|ids| selection.in_order(ids.iter().copied())));
        if chosen.is_empty() {
            return;
        }
        error.set(None);
        let count = chosen.len();
        session.act(pending, restore_secrets(BatchId::random(), chosen), move |result| match result {
            Ok(without) => {
                toasts.done(restored_text(count, without));
                list.reload();
                again.notify();
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let line = move |row: BinRow| {
        let id = row.id;
        let ticked = move || selection.with(|selection| selection.contains(id));
        view! {
            <tr>
                <td class="check">
                    <input type="checkbox" aria-label=format!("Select {}", row.name) prop:checked=ticked
                        on:change=move |event| selection.update(|selection| selection.set(id, event_target_checked(&event))) />
                </td>
                <th scope="row">{row.name}</th>
                <td>{local_time(Some(row.deleted_at))}</td>
                <td>{local_time(Some(row.ends_at))}</td>
            </tr>
        }
    };
    view! {
        <div class="card">
            <div class="scroll">
                <table class="plain" aria-label="Bin">
                    <thead>
                        <tr>
                            <th class="check" scope="col">
                                <CheckAll label="Select all" extent=Signal::derive(move || selection.with(|selection| selection.extent(total))) toggle=toggle_all />
                            </th>
                            <th scope="col">"Name"</th><th scope="col">"Deleted"</th><th scope="col">"Removed for good"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().map(line).collect_view()}</tbody>
                </table>
            </div>
            <FormError error />
            <div class="dialog-buttons">
                <p role="status">{move || format!("{} selected", records(count()))}</p>
                <button class="button primary" type="button" aria-disabled=move || (pending.get() || count() == 0).to_string() on:click=restore>"Restore"</button>
            </div>
        </div>
    }
}

/// Says what came back, and without what.
fn restored_text(count: usize, without: usize) -> String {
    let restored = format!("{} restored", records(count));
    match (count, without) {
        (_, 0) => restored,
        (1, _) => format!("{restored}, without its identifier: another one has it by now"),
        (_, 1) => format!("{restored}, 1 of them without its identifier: another one has it by now"),
        _ => format!("{restored}, {without} of them without their identifiers: others have them by now"),
    }
}
