use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::entry::{Column, Entry, Sort};
use super::filter::Filter;
use super::list::use_secret_list;
use super::row::Row;
use super::selection::records;
use super::window::window;
use crate::language::t;
use crate::preference::use_preferences;
use crate::ui::CheckAll;

/// A length of the page; some browsers tell negative ones while they bounce.
fn pixels(length: i32) -> usize {
    usize::try_from(length).unwrap_or_default()
}

/// The rows that match the filter: those that can be seen, in a table that knows of all.
#[component]
pub(super) fn Table() -> impl IntoView {
    let list = use_secret_list();
    let (scrolled, height) = (RwSignal::new(0), RwSignal::new(600));
    let frame = NodeRef::<Div>::new();
    // Rows that come before others take those out and put them back, and the click that is under way on one of them is lost: while a row is
    // pressed, what is rendered stays, whether somebody scrolls or others change the list.
    let pressed = RwSignal::new(false);
    let measure = move || {
        // The click may have led to another page by now.
        if let Some(Some(frame)) = frame.try_get_untracked()
            && pressed.try_get_untracked() == Some(false)
        {
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
    // After the click, which comes right after it.
    let release = move |_| {
        request_animation_frame(move || {
            let _ = pressed.try_set(false);
            measure();
        });
    };
    let released = window_event_listener(leptos::ev::pointerup, release);
    let cancelled = window_event_listener(leptos::ev::pointercancel, release);
    on_cleanup(move || [resize, released, cancelled].into_iter().for_each(WindowListenerHandle::remove));
    let (listed, preferences) = (list.listed, use_preferences());
    let range = Memo::new(move |_| {
        window(scrolled.get(), height.get(), preferences.row_height(), listed.with(|rows| rows.len()))
    });
    let rows = Memo::new(move |before: Option<&Vec<Arc<Entry>>>| {
        let range = range.get();
        if let Some(before) = before.filter(|_| pressed.get()) {
            return before.clone();
        }
        listed.with(|rows| rows[range.start.min(rows.len())..range.end.min(rows.len())].to_vec())
    });
    // Whole numbers: the code that writes fractions would be a good part of the WASM.
    let space = move |rows: usize| format!("{}px", rows * preferences.row_height());
    let above = move || space(range.get().start);
    let below = move || space(listed.with(|rows| rows.len()).saturating_sub(range.get().end));
    // Unknown until all are here.
    let row_count =
        move || if list.is_loaded() { (listed.with(|rows| rows.len()) + 1).to_string() } else { "-1".to_owned() };
    let extent = move || list.selection.with(|selection| selection.extent(listed.with(|rows| rows.len())));
    let header = move |column: Column| {
        let order = move || match list.sort.get() {
            Sort { column: by, descending } if by == column => {
                Some(if descending { "descending" } else { "ascending" })
            }
            _ => None,
        };
        let sort = move |event: MouseEvent| {
            event.prevent_default();
            list.sort.update(|sort| *sort = sort.by(column));
        };
        let arrow = move || order().map(|order| if order == "ascending" { " ▲" } else { " ▼" });
        view! {
            <th class=column.text() scope="col" aria-sort=order>
                <a class="sort" href=format!("/secrets?sort={}", column.text()) on:click=sort>
                    {column.title()} <span aria-hidden="true">{arrow}</span>
                </a>
            </th>
        }
    };
    view! {
        <div class="table-frame" node_ref=frame on:scroll=move |_| measure() tabindex="0" role="region" aria-label=t!("List of API secrets")>
            <table class="secrets" aria-label=t!("API secrets") aria-rowcount=row_count
                aria-busy=move || (!list.is_loaded()).to_string()>
                <thead>
                    <tr aria-rowindex="1">
                        <th class="check" scope="col" title=move || list.is_loaded().then(|| records(listed.with(|rows| rows.len())))>
                            <CheckAll label=t!("Select all") extent=Signal::derive(extent) disabled=Signal::derive(move || !list.is_loaded() || listed.with(|rows| rows.is_empty()))
                                toggle=Callback::new(move |()| list.tick_all()) />
                        </th>
                        {Column::ALL.map(header)}
                        <th class="action" scope="col">{t!("Action")}</th>
                    </tr>
                </thead>
                <tbody on:pointerdown=move |_| pressed.set(true)>
                    <tr class="space" aria-hidden="true" style:height=above></tr>
                    <ForEnumerate each=move || rows.get() key=|entry| entry.row.id let(offset, entry)>
                        <Row entry rows index=Signal::derive(move || range.get().start + offset.get()) />
                    </ForEnumerate>
                    <tr class="space" aria-hidden="true" style:height=below></tr>
                </tbody>
            </table>
            {move || (list.is_loaded() && listed.with(|rows| rows.is_empty())).then(|| view! {
                <div class="empty">
                    {if list.all().is_empty() {
                        view! {
                            <p>{t!("No API secrets yet.")}</p>
                            <p class="hint">{t!("Add one, or ask somebody to share one with you.")}</p>
                        }.into_any()
                    } else {
                        view! {
                            <p>{t!("Nothing matches the filter.")}</p>
                            <button class="button" type="button" on:click=move |_| list.filter.set(Filter::default())>{t!("Show everything")}</button>
                        }.into_any()
                    }}
                </div>
            })}
            {move || (!list.is_loaded() && list.failure.get().is_none()).then(|| view! { <p class="empty hint">{t!("Loading …")}</p> })}
        </div>
    }
}
