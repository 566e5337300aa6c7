use leptos::ev::SubmitEvent;
use leptos::html::Div;
use leptos::prelude::*;
use leptos_router::components::A;

use super::api::SecretRow;
use super::filter::Filter;
use super::list::{SecretList, use_secret_list};
use super::row::Row;
use super::selection::{Extent, Selection, records};
use super::window::{ROW_HEIGHT, window};
use crate::batch::{BatchDialogs, Kind, use_batch};
use crate::ui::{Icon, Menu, MenuItem};

/// The list of API secrets, with its filter and what can be done with the ticked ones.
#[component]
pub fn ListPage() -> impl IntoView {
    let list = use_secret_list();
    let batch = use_batch();
    // Without anything ticked they say so, as the buttons do.
    let more = Callback::new(move |()| {
        [Kind::Unshare, Kind::ChangePermission, Kind::Transfer, Kind::Leave, Kind::Delete]
            .map(|kind| MenuItem::new(kind.title(), move || batch.confirm(kind, list.selected())))
            .to_vec()
    });
    view! {
        <div class="list-page">
            <div class="page-head">
                <h1>"API secrets"</h1>
                <div class="page-actions">
                    <A href="/secrets/bin" attr:class="button quiet">{Icon::Trash.view()} "Bin"</A>
                    <A href="/secrets/new" attr:class="button primary">{Icon::Add.view()} "Add API secret"</A>
                </div>
            </div>
            <FilterBar list />
            {move || list.failure.get().map(|error| view! {
                <div class="banner failure" role="alert">
                    <p>{error.to_string()}</p>
                    <button class="button" type="button" on:click=move |_| list.reload()>"Try again"</button>
                </div>
            })}
            <Table list />
            <div class="batch-bar">
                <p role="status">{move || list.selection.with(|selection| format!("{} selected", records(selection.len())))}</p>
                <div class="batch-buttons" role="toolbar" aria-label="Batch actions">
                    <BatchButton kind=Kind::Enable />
                    <BatchButton kind=Kind::Disable />
                    <Menu label="More actions" face=view! { "More " {Icon::More.view()} }.into_any() items=more />
                    <BatchButton kind=Kind::Share />
                </div>
            </div>
            <BatchDialogs />
        </div>
    }
}

#[component]
fn BatchButton(kind: Kind) -> impl IntoView {
    let (list, batch) = (use_secret_list(), use_batch());
    let is_empty = move || list.selection.with(Selection::is_empty);
    view! {
        <button class="button" class:primary=kind == Kind::Share type="button" aria-disabled=move || is_empty().to_string()
            title=move || is_empty().then_some("Tick records in the list first")
            on:click=move |_| batch.confirm(kind, list.selected())>
            {kind.title()}
        </button>
    }
}

#[component]
fn FilterBar(list: SecretList) -> impl IntoView {
    let filter = list.filter;
    let text = move |label: &'static str, read: fn(&Filter) -> &String, write: fn(&mut Filter, String)| {
        view! {
            <label class="field">
                <span>{label}</span>
                <input type="text" autocomplete="off" spellcheck="false" prop:value=move || filter.with(|filter| read(filter).clone())
                    on:input=move |event| filter.update(|filter| write(filter, event_target_value(&event))) />
            </label>
        }
    };
    let choice = move |label: &'static str, read: fn(&Filter) -> Option<bool>, write: fn(&mut Filter, Option<bool>)| {
        let is = move |value: Option<bool>| filter.with(|filter| read(filter) == value);
        view! {
            <label class="field">
                <span>{label}</span>
                <select on:change=move |event| filter.update(|filter| write(filter, parse_choice(&event_target_value(&event))))>
                    <option value="" prop:selected=move || is(None)>"All"</option>
                    <option value="yes" prop:selected=move || is(Some(true))>"Yes"</option>
                    <option value="no" prop:selected=move || is(Some(false))>"No"</option>
                </select>
            </label>
        }
    };
    // Everything takes effect at once; the button is for those who look for one, and for Enter.
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        list.reload();
    };
    view! {
        <form class="filter" role="search" aria-label="Filter" on:submit=submit>
            {text("Name", |filter| &filter.name, |filter, value| filter.name = value)}
            {text("URL", |filter| &filter.url, |filter, value| filter.url = value)}
            {text("Tags", |filter| &filter.tags, |filter, value| filter.tags = value)}
            {text("Owner", |filter| &filter.owner, |filter, value| filter.owner = value)}
            {choice("Shared", |filter| filter.shared, |filter, value| filter.shared = value)}
            {choice("Enabled", |filter| filter.enabled, |filter, value| filter.enabled = value)}
            <div class="filter-buttons">
                <button class="button" type="submit">"Filter"</button>
                <button class="button quiet" type="button" on:click=move |_| filter.set(Filter::default())>"Clear"</button>
            </div>
        </form>
    }
}

fn parse_choice(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// A length of the page; some browsers tell negative ones while they bounce.
fn pixels(length: i32) -> usize {
    usize::try_from(length).unwrap_or_default()
}

/// The key of a row: with it, a row is rendered anew when, and only when, something in it has changed.
type RowKey = (vault::SecretId, u64, bool, bool, Option<vault::Permission>, Option<i64>);

fn row_key(row: &SecretRow) -> RowKey {
    (row.id, row.revision, row.enabled, row.shared, row.permission, row.last_used_at)
}

#[component]
fn Table(list: SecretList) -> impl IntoView {
    let (scrolled, height) = (RwSignal::new(0), RwSignal::new(600));
    let frame = NodeRef::<Div>::new();
    let measure = move || {
        if let Some(frame) = frame.get_untracked() {
            scrolled.set(pixels(frame.scroll_top()));
            height.set(pixels(frame.client_height()));
        }
    };
    Effect::new(move || {
        if frame.get().is_some() {
            measure();
        }
    });
    let resize = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resize.remove());
    let listed = list.listed;
    let range = Memo::new(move |_| window(scrolled.get(), height.get(), listed.with(|rows| rows.len())));
    let rows = move || {
        let range = range.get();
        listed.with(|rows| rows[range.start.min(rows.len())..range.end.min(rows.len())].to_vec())
    };
    // Whole numbers: the code that writes fractions would be a good part of the WASM.
    let space = |rows: usize| format!("{}px", rows * ROW_HEIGHT);
    let above = move || space(range.get().start);
    let below = move || space(listed.with(|rows| rows.len()).saturating_sub(range.get().end));
    let extent = move || list.selection.with(|selection| selection.extent(listed.with(|rows| rows.len())));
    let toggle_all = move |_| {
        let listed = listed.get_untracked();
        list.selection.update(|selection| selection.toggle_all(listed.iter().map(|row| row.id)));
    };
    view! {
        <div class="table-frame" node_ref=frame on:scroll=move |_| measure() tabindex="0" role="region" aria-label="List of API secrets">
            <table class="secrets" aria-label="API secrets" aria-rowcount=move || (listed.with(|rows| rows.len()) + 1).to_string()
                aria-busy=move || (!list.is_loaded()).to_string()>
                <thead>
                    <tr aria-rowindex="1">
                        <th class="check" scope="col">
                            <input type="checkbox" aria-label="Select all" prop:checked=move || extent() == Extent::All
                                prop:indeterminate=move || extent() == Extent::Some on:change=toggle_all
                                disabled=move || listed.with(|rows| rows.is_empty()) />
                        </th>
                        <th class="id" scope="col">"ID"</th>
                        <th class="name" scope="col">"Name"</th>
                        <th class="url" scope="col">"URL"</th>
                        <th class="tags" scope="col">"Tags"</th>
                        <th class="shared" scope="col">"Shared"</th>
                        <th class="owner" scope="col">"Owner"</th>
                        <th class="used" scope="col">"Last use"</th>
                        <th class="enabled" scope="col">"Enabled"</th>
                        <th class="action" scope="col">"Action"</th>
                    </tr>
                </thead>
                <tbody>
                    <tr class="space" aria-hidden="true" style:height=above></tr>
                    <ForEnumerate each=rows key=|row| row_key(row) let(offset, row)>
                        <Row row index=Signal::derive(move || range.get().start + offset.get()) selection=list.selection />
                    </ForEnumerate>
                    <tr class="space" aria-hidden="true" style:height=below></tr>
                </tbody>
            </table>
            {move || (list.is_loaded() && listed.with(|rows| rows.is_empty())).then(|| view! {
                <div class="empty">
                    {if list.total() == 0 {
                        view! {
                            <p>"No API secrets yet."</p>
                            <p class="hint">"Add one, or ask somebody to share one with you."</p>
                        }.into_any()
                    } else {
                        view! {
                            <p>"Nothing matches the filter."</p>
                            <button class="button" type="button" on:click=move |_| list.filter.set(Filter::default())>"Clear the filter"</button>
                        }.into_any()
                    }}
                </div>
            })}
            {move || (!list.is_loaded() && list.failure.get().is_none()).then(|| view! { <p class="empty hint">"Loading …"</p> })}
        </div>
    }
}
