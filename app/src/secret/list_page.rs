use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use wasm_bindgen::JsValue;

use super::entry::Sort;
use super::filter::Filter;
use super::filter_bar::{FilterBar, Views};
use super::list::{SecretList, use_secret_list};
use super::selection::Selection;
use super::table::Table;
use crate::batch::{BatchDialogs, Kind, use_batch};
use crate::language::{n, t};
use crate::ui::{Icon, Menu, MenuItem, next_frame, number};

/// The list of API secrets, with its filter and what can be done with the ticked ones.
#[component]
pub(crate) fn ListPage() -> impl IntoView {
    follow_address(use_secret_list());
    let is_painted = after_paint();
    view! {
        <div class="list-page">
            <div class="page-head">
                <h1>{t!("API secrets")}</h1>
                <div class="page-actions">
                    <A href="/activity" attr:class="button quiet">{Icon::List.view()} {t!("Sharing activity")}</A>
                    <A href="/secrets/import" attr:class="button quiet">{Icon::Add.view()} {t!("Import")}</A>
                    <A href="/secrets/export" attr:class="button quiet">{t!("Export")}</A>
                    <A href="/secrets/bin" attr:class="button quiet">{Icon::Trash.view()} {t!("Bin")}</A>
                    <A href="/secrets/new" attr:class="button primary">{Icon::Add.view()} {t!("Add API secret")}</A>
                </div>
            </div>
            {move || is_painted.get().then(|| view! { <ListBody /> })}
            <BatchDialogs />
        </div>
    }
}

/// What there is to see and to do below the head of the page.
#[component]
fn ListBody() -> impl IntoView {
    let (list, batch) = (use_secret_list(), use_batch());
    // Without anything ticked they say so, as the buttons do.
    let more = Callback::new(move |()| {
        [Kind::Unshare, Kind::ChangePermission, Kind::SameAccess, Kind::Transfer, Kind::Tag, Kind::Leave, Kind::Delete]
            .map(|kind| MenuItem::new(kind.title(), move || batch.confirm(kind, list.selected())))
            .to_vec()
    });
    view! {
        <Views />
        <FilterBar />
        {move || list.failure.get().map(|error| view! {
            <div class="banner failure" role="alert">
                <p>{error.to_string()}</p>
                <button class="button" type="button" on:click=move |_| list.reload()>{t!("Try again")}</button>
            </div>
        })}
        <Table />
        <div class="batch-bar">
            <div class="batch-count">
                <p role="status">{move || list.selection.with(|selection| n!(selection.len(), "{n} record selected", "{n} records selected"))}</p>
                <p role="status" class="hint">{move || list.is_loaded().then(|| shown_text(list.listed.with(|rows| rows.len()), list.all().len()))}</p>
                <p role="status" class="hint">{move || dropped_text(list.dropped.get())}</p>
                <p role="status" class="hint late">{move || list.is_reloading().then_some(t!("Loading what has changed …"))}</p>
            </div>
            <div class="batch-buttons" role="toolbar" aria-label=t!("Batch actions")>
                <BatchButton kind=Kind::Enable />
                <BatchButton kind=Kind::Disable />
                <Menu label=t!("More actions") face=view! { {t!("More ")} {Icon::More.view()} }.into_any() items=more />
                <BatchButton kind=Kind::Share />
            </div>
        </div>
    }
}

/// Becomes true when what is rendered now has been painted. Whoever opens the list sees at once that it opens, also on a slow machine; all else
/// comes a frame later.
fn after_paint() -> RwSignal<bool> {
    let painted = RwSignal::new(false);
    request_animation_frame(move || {
        spawn_local(async move {
            next_frame().await;
            // The person may have gone on already.
            let _ = painted.try_set(true);
        });
    });
    painted
}

/// Says how much the filter leaves.
fn shown_text(shown: usize, all: usize) -> Option<String> {
    (shown < all).then(|| t!("{shown} of {all} shown", shown = number(shown), all = number(all)))
}

/// Says what is no longer ticked although nobody unticked it.
fn dropped_text(count: usize) -> Option<String> {
    (count > 0).then(|| {
        n!(
            count,
            "{n} record no longer in the list: not ticked any more",
            "{n} records no longer in the list: not ticked any more"
        )
    })
}

/// Filter, view and order stand in the address: a list can be kept as a bookmark, sent, and gone back to.
fn follow_address(list: SecretList) {
    let query = use_query_map().get_untracked();
    if query.latest_values().next().is_some() {
        list.filter.set(Filter::from_query(|name| query.get(name)));
        list.sort.set(Sort::from_query(query.get("sort")));
    }
    Effect::new(move || {
        let mut query = ParamsMap::new();
        let sort = list.sort.get().to_query();
        for (name, value) in list.filter.with(Filter::to_query).into_iter().chain(sort) {
            query.insert(name, value);
        }
        // Not a step of its own: going back leads to the page before the list.
        if let Ok(history) = window().history() {
            let address = format!("/secrets{}", query.to_query_string());
            let _ = history.replace_state_with_url(&history.state().unwrap_or(JsValue::NULL), "", Some(&address));
        }
    });
}

#[component]
fn BatchButton(kind: Kind) -> impl IntoView {
    let (list, batch) = (use_secret_list(), use_batch());
    let is_empty = move || list.selection.with(Selection::is_empty);
    view! {
        <button class="button" class:primary=kind == Kind::Share type="button" aria-disabled=move || is_empty().to_string()
            title=move || is_empty().then_some(t!("Tick records in the list first"))
            on:click=move |_| batch.confirm(kind, list.selected())>
            {kind.title()}
        </button>
    }
}
