use leptos::prelude::*;
use leptos_router::components::A;
use vault::{BatchId, SecretId};

use super::api::{BinRow, list_bin, restore_secrets};
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{n, t};
use crate::secret::{Selection, records, use_secret_list};
use crate::ui::{CheckAll, FormError, local_time, number, skeleton, use_toasts};

/// How many rows are on the page: what a browser shows at once, however much is deleted.
const SHOWN: usize = 200;

/// What is in the bin, and how it comes out again.
#[component]
pub fn BinPage() -> impl IntoView {
    let session = use_session();
    let again = Trigger::new();
    // Outlives the rows, which are loaded anew after each restore.
    let part = RwSignal::new(String::new());
    let rows = session.load(move || {
        again.track();
        list_bin()
    });
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">{t!("API secrets")}</A></p>
            <h1>{t!("Bin")}</h1>
            <p class="hint">{t!("Nobody has access to what is here. It is removed for good 30 days after it was deleted; until then it can be restored, shared as it was.")}</p>
            {skeleton(rows)}
            {move || rows.get().map(|rows| match rows {
                Ok(rows) if rows.is_empty() => view! { <p class="card empty">{t!("The bin is empty.")}</p> }.into_any(),
                Ok(rows) => view! { <Rows rows part again /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

#[component]
fn Rows(
    rows: Vec<BinRow>,
    /// A part of the name of what is looked for.
    part: RwSignal<String>,
    again: Trigger,
) -> impl IntoView {
    let (session, toasts, list) = (use_session(), use_toasts(), use_secret_list());
    let selection = RwSignal::new(Selection::default());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let all = rows.len();
    let rows = StoredValue::new(Names::of(rows));
    let found = Memo::new(move |_| rows.with_value(|rows| part.with(|part| rows.with_part(part))));
    let ids = move |found: &[usize]| -> Vec<SecretId> { rows.with_value(|rows| rows.ids(found)) };
    let total = move || found.with(Vec::len);
    let count = move || selection.with(Selection::len);
    // What is not found any more is not ticked any more: what is restored is what can be seen.
    Effect::new(move || {
        found.track();
        if !selection.with_untracked(Selection::is_empty) {
            let ids = found.with_untracked(|found| ids(found));
            selection.update(|selection| {
                selection.keep(ids.into_iter());
            });
        }
    });
    let toggle_all = Callback::new(move |()| {
        let ids = found.with_untracked(|found| ids(found));
        selection.update(|selection| selection.toggle_all(ids.iter().copied()));
    });
    let restore = move |_| {
        let ids = found.with_untracked(|found| ids(found));
        let chosen = selection.with_untracked(|selection| selection.in_order(ids.into_iter()));
        if chosen.is_empty() {
            return;
        }
        error.set(None);
        let count = chosen.len();
        session.act(pending, restore_secrets(BatchId::random(), chosen), move |result| match result {
            Ok(without) => {
                toasts.done(restored_text(count, without));
                list.refresh();
                again.notify();
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let line = move |row: &BinRow| {
        let (id, name) = (row.id, row.name.clone());
        let ticked = move || selection.with(|selection| selection.contains(id));
        view! {
            <tr>
                <td class="check">
                    <input type="checkbox" aria-label=t!("Select {name}", name) prop:checked=ticked
                        on:change=move |event| selection.update(|selection| selection.set(id, event_target_checked(&event))) />
                </td>
                <th scope="row">{name}</th>
                <td>{local_time(Some(row.deleted_at))}</td>
                <td>{local_time(Some(row.ends_at))}</td>
            </tr>
        }
    };
    let lines = move || {
        found.with(|found| {
            rows.with_value(|rows| found.iter().take(SHOWN).map(|index| line(&rows.rows[*index])).collect_view())
        })
    };
    view! {
        <label class="field">
            <span>{t!("Part of the name")}</span>
            <input type="search" autocomplete="off" spellcheck="false" bind:value=part />
        </label>
        <p role="status" class="hint">{move || shown_text(total(), all)}</p>
        <div class="card">
            <div class="scroll">
                <table class="plain" aria-label=t!("Bin")>
                    <thead>
                        <tr>
                            <th class="check" scope="col">
                                <CheckAll label=t!("Select all") extent=Signal::derive(move || selection.with(|selection| selection.extent(total()))) toggle=toggle_all />
                            </th>
                            <th scope="col">{t!("Name")}</th><th scope="col">{t!("Deleted")}</th><th scope="col">{t!("Removed for good")}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            <FormError error />
            <div class="dialog-buttons">
                <p role="status">{move || n!(count(), "{n} record selected", "{n} records selected")}</p>
                <button class="button primary" type="button" aria-disabled=move || (pending.get() || count() == 0).to_string() on:click=restore>{t!("Restore")}</button>
            </div>
        </div>
    }
}

/// Says what came back, and without what.
fn restored_text(count: usize, without: usize) -> String {
    let restored = n!(count, "{n} record restored", "{n} records restored");
    match (count, without) {
        (_, 0) => restored,
        (1, _) => t!("{restored}, without its identifier: another one has it by now", restored),
        (_, 1) => t!("{restored}, 1 of them without its identifier: another one has it by now", restored),
        _ => t!("{restored}, {without} of them without their identifiers: others have them by now", restored, without),
    }
}

/// The rows with their names as they are looked for: worked out once, and not at every letter that somebody types.
struct Names {
    rows: Vec<BinRow>,
    names: Vec<String>,
}

impl Names {
    fn of(rows: Vec<BinRow>) -> Self {
        let names = rows.iter().map(|row| row.name.to_lowercase()).collect();
        Self { rows, names }
    }

    /// Which rows have a part in their names, in their order.
    fn with_part(&self, part: &str) -> Vec<usize> {
        let part = part.trim().to_lowercase();
        let has = |(index, name): (usize, &String)| name.contains(&part).then_some(index);
        self.names.iter().enumerate().filter_map(has).collect()
    }

    fn ids(&self, found: &[usize]) -> Vec<SecretId> {
        found.iter().map(|index| self.rows[*index].id).collect()
    }
}

/// Says what of the bin is on the page.
fn shown_text(found: usize, all: usize) -> String {
    let what = if found == all {
        records(all)
    } else {
        n!(found, "{n} record found, of {all}", "{n} records found, of {all}", all = number(all))
    };
    if found > SHOWN {
        let first = t!(
            "The first {shown} are shown. Write a part of a name to find the others. Select all takes those as well.",
            shown = SHOWN
        );
        format!("{what}. {first}")
    } else {
        what
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_a_part_of_their_names() {
        let row = |name: &str| BinRow { id: SecretId::random(), name: name.into(), deleted_at: 0, ends_at: 0 };
        let names = Names::of(["Ledger API", "Payroll", "Météo API"].map(row).to_vec());
        assert_eq!(names.with_part(""), [0, 1, 2]);
        assert_eq!(names.with_part(" api "), [0, 2]);
        assert_eq!(names.with_part("MÉT"), [2]);
        assert!(names.with_part("crm").is_empty());
        assert_eq!(names.ids(&[2, 0]), [names.rows[2].id, names.rows[0].id]);
    }

    #[test]
    fn the_page_says_what_of_the_bin_it_shows_and_what_came_back() {
        assert_eq!(shown_text(1, 1), "1 record");
        assert_eq!(shown_text(3, 5_000), "3 records found, of 5000");
        assert!(shown_text(5_000, 5_000).starts_with("5000 records. The first 200 are shown. "));
        assert!(shown_text(300, 5_000).starts_with("300 records found, of 5000. The first 200 are shown. "));
        assert_eq!(restored_text(1, 0), "1 record restored");
        assert_eq!(restored_text(1, 1), "1 record restored, without its identifier: another one has it by now");
        assert!(restored_text(3, 1).starts_with("3 records restored, 1 of them without its identifier"));
        assert!(restored_text(3, 2).starts_with("3 records restored, 2 of them without their identifiers"));
    }
}
