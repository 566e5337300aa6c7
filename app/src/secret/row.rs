use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use vault::Permission;

use super::api::SecretRow;
use super::entry::Entry;
use super::list::use_secret_list;
use crate::batch::{Kind, use_batch};
use crate::language::t;
use crate::ui::{Icon, Menu, MenuItem, local_time};

/// One row of the list. It stays the same element as long as the secret is shown, whatever changes in it: a click or the focus is not lost when the
/// list is loaded again.
#[component]
pub(super) fn Row(
    /// The secret, as it is now.
    entry: Arc<Entry>,
    /// The secrets that are shown, as they will be.
    rows: Memo<Vec<Arc<Entry>>>,
    /// Its place in the list, from 0.
    index: Signal<usize>,
) -> impl IntoView {
    let list = use_secret_list();
    let (id, short_id) = (entry.row.id, entry.short_id().to_owned());
    let entry = Memo::new(move |before: Option<&Arc<Entry>>| {
        let found = rows.with(|rows| rows.iter().find(|entry| entry.row.id == id).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| Arc::clone(&entry))
    });
    let text = move |of: fn(&SecretRow) -> String| Signal::derive(move || entry.with(|entry| of(&entry.row)));
    let name = text(|row| row.fields.name.clone());
    let owner = text(|row| match row.permission {
        None => row.owner_name.clone(),
        Some(Permission::View) => t!("{owner} · Can view", owner = row.owner_name),
        Some(Permission::Edit | Permission::Own) => t!("{owner} · Can edit", owner = row.owner_name),
    });
    let tags = move || {
        let tags = entry.with(|entry| entry.row.fields.tags.clone());
        tags.into_iter().map(|tag| view! { <span class="tag">{tag}</span> }).collect_view()
    };
    let selected = move || list.selection.with(|selection| selection.contains(id));
    // The header is row 1 of the table.
    let row_index = move || (index.get() + 2).to_string();
    view! {
        <tr aria-rowindex=row_index aria-selected=move || selected().to_string() class:selected=selected
            class:disabled=move || entry.with(|entry| !entry.row.enabled)>
            <td class="check">
                <input type="checkbox" aria-label=move || t!("Select {name}", name = name.get()) prop:checked=selected
                    on:click=move |event| list.tick(id, event_target_checked(&event), event.shift_key()) />
            </td>
            <td class="id" title=id.to_string()><code>{short_id}</code></td>
            <th scope="row" class="name" title=name>{name}</th>
            <td class="url" title=text(|row| row.fields.url.clone())>{text(|row| row.fields.url.trim_start_matches("https://").to_owned())}</td>
            <td class="tags">{tags}</td>
            <td class="shared">{text(|row| yes_no(row.shared).into())}</td>
            <td class="owner" title=owner>{owner}</td>
            <td class="used">{text(|row| local_time(row.last_used_at))}</td>
            <td class="enabled">{text(|row| yes_no(row.enabled).into())}</td>
            <td class="action">
                <A href=format!("/secrets/{id}") attr:class="button icon-only" attr:aria-label=move || t!("View API secret {name}", name = name.get())
                    attr:title=t!("View API secret")>
                    {Icon::View.view()}
                </A>
                <Menu label=Signal::derive(move || t!("More actions for {name}", name = name.get())) class="button icon-only" face=Icon::More.view().into_any() items=actions(entry) />
            </td>
        </tr>
    }
}

/// What can be done with one secret, besides looking at it.
fn actions(entry: Memo<Arc<Entry>>) -> Callback<(), Vec<MenuItem>> {
    let (batch, navigate) = (use_batch(), StoredValue::new_local(use_navigate()));
    Callback::new(move |()| {
        batch.come_near();
        let (id, is_own, enabled, may_edit, may_enable) = entry.with_untracked(|entry| {
            let row = &entry.row;
            (row.id, row.permission.is_none(), row.enabled, row.may_edit(), row.may_enable())
        });
        let mut items = Vec::new();
        if is_own && enabled {
            items.push(MenuItem::new(t!("Share"), move || batch.share_one(id)));
            items.push(MenuItem::new(Kind::SameAccess.title(), move || batch.confirm(Kind::SameAccess, vec![id])));
        }
        let page = |title, name: &'static str| {
            let go = move || {
                navigate.with_value(|navigate| navigate(&format!("/secrets/{id}/{name}"), NavigateOptions::default()));
            };
            MenuItem::new(title, go)
        };
        if may_edit {
            items.push(page(t!("Edit"), "edit"));
        }
        if may_enable {
            let kind = if enabled { Kind::Disable } else { Kind::Enable };
            items.push(MenuItem::new(kind.title(), move || batch.confirm(kind, vec![id])));
            items.push(page(t!("History"), "history"));
        }
        if is_own {
            items.push(MenuItem::new(Kind::Delete.title(), move || batch.confirm(Kind::Delete, vec![id])));
        }
        if !is_own {
            items.push(MenuItem::new(Kind::Leave.title(), move || batch.confirm(Kind::Leave, vec![id])));
        }
        items
    })
}

pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { t!("Yes") } else { t!("No") }
}
