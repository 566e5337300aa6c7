//! Pages, and work in the background, whose code comes when it is first needed, and in which chunk.

#![expect(clippy::unnecessary_wraps, reason = "the loader, which these become a part of, may fail")]

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::wasm_split::wasm_split;
use vault::{AccountKeys, SecretId};

use crate::access::api::PresentAccess;
use crate::access::{LimitDialog, ShareOneDialog};
use crate::account::api::Profile;
use crate::account::own::AccountPage;
use crate::account::passkey::UnlockButton;
use crate::account::{HalfSignedIn, RecoveryPage, SecondStepForm, Session, SetUpPage};
use crate::activity::{ActivityPage, ReceiptPage};
use crate::audit::AuditPage;
use crate::batch::{Chosen, Kind, use_batch};
use crate::deleted::BinPage;
use crate::group::{GroupPage, GroupsPage};
use crate::invitation::AcceptPage;
use crate::people::{PeoplePage, PersonPage};
use crate::restoration::RestorationPage;
use crate::secret::{AddPage, DetailsPage, EditPage};
use crate::settling;
use crate::settling::api::Due;
use crate::share::ShareDialog;
use crate::transfer::BatchTransfer;
use crate::ui::{Loaded, NotLoaded, Work};
use crate::upkeep;

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn set_up() -> Loaded {
    Ok(view! { <SetUpPage /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn accept(code: String, then: Callback<()>) -> Loaded {
    Ok(view! { <AcceptPage code then /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn restoration(code: String, then: Callback<()>) -> Loaded {
    Ok(view! { <RestorationPage code then /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn second_step(half: Rc<HalfSignedIn>, then: Callback<Option<(Profile, AccountKeys)>>) -> Loaded {
    Ok(view! { <SecondStepForm half then /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn unlock(profile: Profile) -> Loaded {
    Ok(view! { <UnlockButton profile /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn recovery(back: Callback<()>) -> Loaded {
    Ok(view! { <RecoveryPage back /> }.into_any())
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn account() -> Loaded {
    Ok(view! { <AccountPage /> }.into_any())
}

#[wasm_split(secret, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn details() -> Loaded {
    Ok(view! { <DetailsPage /> }.into_any())
}

#[wasm_split(secret, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn add() -> Loaded {
    Ok(view! { <AddPage /> }.into_any())
}

#[wasm_split(secret, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn edit() -> Loaded {
    Ok(view! { <EditPage /> }.into_any())
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn share(chosen: Arc<Chosen>) -> Loaded {
    Ok(view! { <ShareDialog chosen /> }.into_any())
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn transfer(chosen: Arc<Chosen>) -> Loaded {
    Ok(view! { <BatchTransfer chosen /> }.into_any())
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn limit(kind: Kind, ids: Vec<SecretId>, access: Arc<PresentAccess>) -> Loaded {
    let batch = use_batch();
    let (name_of, refused) = (Callback::new(move |id| batch.name_of(id)), Callback::new(move |()| batch.reload()));
    let then = Callback::new(move |done| batch.end(done));
    Ok(view! { <LimitDialog kind ids access name_of refused then /> }.into_any())
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn share_one(id: SecretId, name: String, access: Arc<PresentAccess>) -> Loaded {
    Ok(view! { <ShareOneDialog id name access /> }.into_any())
}

#[wasm_split(secret, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn bin() -> Loaded {
    Ok(view! { <BinPage /> }.into_any())
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn activity() -> Loaded {
    Ok(view! { <ActivityPage /> }.into_any())
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn receipt() -> Loaded {
    Ok(view! { <ReceiptPage /> }.into_any())
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

#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn audit() -> Loaded {
    Ok(view! { <AuditPage /> }.into_any())
}

#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn person() -> Loaded {
    Ok(view! { <PersonPage /> }.into_any())
}

/// What an owner's browser does when something is due.
#[wasm_split(settling, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn settle(session: Session, left: RwSignal<Due>) -> Result<Work, NotLoaded> {
    Ok(settling::settle(session, left))
}

/// What a browser does for others.
#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn keep_up(session: Session) -> Result<Work, NotLoaded> {
    Ok(upkeep::work(session))
}
