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
use crate::ui::{Icon, Menu, MenuItem, local_time};

/// One row of the list.
#[component]
pub(super) fn Row(
    /// The secret.
    entry: Arc<Entry>,
    /// Its place in the list, from 0.
    index: Signal<usize>,
) -> impl IntoView {
    let list = use_secret_list();
    let (row, short_id) = (&entry.row, entry.short_id());
    let id = row.id;
    let name = row.fields.name.clone();
    let selected = move || list.selection.with(|selection| selection.contains(id));
    let owner = match row.permission {
        None => row.owner_name.clone(),
        Some(Permission::View) => format!("{} · Can view", row.owner_name),
        Some(Permission::Edit | Permission::Own) => format!("{} · Can edit", row.owner_name),
    };
    let items = actions(row);
    // The header is row 1 of the table.
    let row_index = move || (index.get() + 2).to_string();
    view! {
        <tr aria-rowindex=row_index aria-selected=move || selected().to_string() class:selected=selected class:disabled=!row.enabled>
            <td class="check">
                <input type="checkbox" aria-label=format!("Select {name}") prop:checked=selected
                    on:click=move |event| list.tick(id, event_target_checked(&event), event.shift_key()) />
            </td>
            <td class="id" title=id.to_string()><code>{short_id}</code></td>
            <th scope="row" class="name" title=name.clone()>{name.clone()}</th>
            <td class="url" title=row.fields.url.clone()>{row.fields.url.trim_start_matches("https://").to_owned()}</td>
            <td class="tags">{row.fields.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view()}</td>
            <td class="shared">{yes_no(row.shared)}</td>
            <td class="owner" title=owner.clone()>{owner.clone()}</td>
            <td class="used">{local_time(row.last_used_at)}</td>
            <td class="enabled">{yes_no(row.enabled)}</td>
            <td class="action">
                <A href=format!("/secrets/{id}") attr:class="button icon-only" attr:aria-label=format!("View API secret {name}")
                    attr:title="View API secret">
                    {Icon::View.view()}
                </A>
                <Menu label=format!("More actions for {name}") class="button icon-only" face=Icon::More.view().into_any() items />
            </td>
        </tr>
    }
}

/// What can be done with one secret, besides looking at it.
fn actions(row: &SecretRow) -> Callback<(), Vec<MenuItem>> {
    let (batch, navigate) = (use_batch(), StoredValue::new_local(use_navigate()));
    let (id, is_own, enabled) = (row.id, row.permission.is_none(), row.enabled);
    let (may_edit, may_enable) = (row.may_edit(), row.may_enable());
    Callback::new(move |()| {
        let mut items = Vec::new();
        if is_own && enabled {
            items.push(MenuItem::new("Share", move || batch.share_one(id)));
        }
        if may_edit {
            let edit = move || {
                navigate.with_value(|navigate| navigate(&format!("/secrets/{id}/edit"), NavigateOptions::default()));
            };
            items.push(MenuItem::new("Edit", edit));
        }
        if may_enable {
            let kind = if enabled { Kind::Disable } else { Kind::Enable };
            items.push(MenuItem::new(kind.title(), move || batch.confirm(kind, vec![id])));
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
    if yes { "Yes" } else { "No" }
}
