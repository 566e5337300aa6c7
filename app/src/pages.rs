//! Pages whose code comes when they are first opened, and in which chunk.

#![expect(clippy::unnecessary_wraps, reason = "the loader, which these become a part of, may fail")]

use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::account::{RecoveryPage, Session, SetUpPage};
use crate::group::{GroupPage, GroupsPage};
use crate::invitation::AcceptPage;
use crate::people::PeoplePage;
use crate::secret::{AddPage, EditPage};
use crate::settling::api::Due;
use crate::settling::{self, Work};
use crate::ui::{Loaded, NotLoaded};

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn set_up() -> Loaded {
    Ok(view! { <SetUpPage /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn accept(code: String, then: Callback<()>) -> Loaded {
    Ok(view! { <AcceptPage code then /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn recovery(back: Callback<()>) -> Loaded {
    Ok(view! { <RecoveryPage back /> }.into_any())
}

#[wasm_split(form, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn add() -> Loaded {
    Ok(view! { <AddPage /> }.into_any())
}

#[wasm_split(form, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn edit() -> Loaded {
    Ok(view! { <EditPage /> }.into_any())
}

#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn groups() -> Loaded {
    Ok(view! { <GroupsPage /> }.into_any())
}

#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn group() -> Loaded {
    Ok(view! { <GroupPage /> }.into_any())
}

#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn people() -> Loaded {
    Ok(view! { <PeoplePage /> }.into_any())
}

/// Not a page, but what an owner's browser does when something is due.
#[wasm_split(settling, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn settle(session: Session, left: RwSignal<Due>) -> Result<Work, NotLoaded> {
    Ok(settling::settle(session, left))
}
