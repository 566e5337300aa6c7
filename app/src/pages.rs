//! Pages, dialogs, and work in the background, whose code comes when it is first needed, and in which chunk. One door for each chunk: every door costs
//! bytes of the first load.

#![expect(clippy::unnecessary_wraps, reason = "the loader, which these become a part of, may fail")]

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::wasm_split::wasm_split;
use leptos_router::hooks::use_location;
use vault::{AccountKeys, SecretId};
use zeroize::Zeroizing;

use crate::access::api::PresentAccess;
use crate::access::{ColleaguePage, LimitDialog, SameAccessDialog, ShareOneDialog};
use crate::access_key::AccessKeysPage;
use crate::account::api::Profile;
use crate::account::own::AccountPage;
use crate::account::passkey::UnlockButton;
use crate::account::strength::{Estimate, estimate};
use crate::account::{HalfSignedIn, ProofDialog, RecoveryPage, SecondStepForm, Session, SetUpPage};
use crate::activity::{ActivityPage, ReceiptPage};
use crate::audit::AuditPage;
use crate::batch::{Chosen, ConfirmDialog, Kind, use_batch};
use crate::command::Keyboard;
use crate::deleted::BinPage;
use crate::design::DesignPage;
use crate::export::ExportPage;
use crate::group::{GroupPage, GroupsPage};
use crate::help::Help;
use crate::home_page::HomePage;
use crate::import::ImportPage;
use crate::installed::Installed;
use crate::invitation::AcceptPage;
use crate::language::t;
use crate::live::{Listener, Reminders};
use crate::people::{FirstSteps, PeoplePage, PersonPage};
use crate::restoration::{Notices, RestorationPage};
use crate::rotation::RotatePage;
use crate::secret::{AddPage, DetailsPage, EditPage, ListPage};
use crate::settling;
use crate::settling::api::Due;
use crate::share::ShareDialog;
use crate::tag::TagDialog;
use crate::transfer::BatchTransfer;
use crate::ui::{Loaded, NotLoaded, Work, later};
use crate::upkeep;
use crate::version::HistoryPage;

/// A page, by the chunk that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Home,
    /// The list, whose code is there from the beginning.
    List,
    Account,
    Design,
    Secret(SecretPage),
    File(FilePage),
    Sharing(SharingPage),
    Administration(AdministrationPage),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretPage {
    Add,
    Edit,
    Details,
    History,
    Bin,
    Rotate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilePage {
    Import,
    Export,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharingPage {
    Activity,
    Colleague,
    Receipt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdministrationPage {
    /// A part of the home page.
    FirstSteps,
    Groups,
    Group,
    AccessKeys,
    People,
    Person,
    Audit,
}

impl Page {
    /// The page at an address.
    fn of(path: &str) -> Option<Self> {
        use AdministrationPage::{AccessKeys, Audit, Group, Groups, People, Person};
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        Some(match segments[..] {
            [] => Self::Home,
            ["secrets"] => Self::List,
            ["account"] => Self::Account,
            ["design"] => Self::Design,
            ["secrets", "new"] => Self::Secret(SecretPage::Add),
            ["secrets", "bin"] => Self::Secret(SecretPage::Bin),
            ["secrets", "rotate"] => Self::Secret(SecretPage::Rotate),
            ["secrets", "import"] => Self::File(FilePage::Import),
            ["secrets", "export"] => Self::File(FilePage::Export),
            ["secrets", _] => Self::Secret(SecretPage::Details),
            ["secrets", _, "edit"] => Self::Secret(SecretPage::Edit),
            ["secrets", _, "history"] => Self::Secret(SecretPage::History),
            ["activity"] => Self::Sharing(SharingPage::Activity),
            ["activity", "colleague"] => Self::Sharing(SharingPage::Colleague),
            ["activity", _] => Self::Sharing(SharingPage::Receipt),
            ["groups"] => Self::Administration(Groups),
            ["groups", _] => Self::Administration(Group),
            ["people"] => Self::Administration(People),
            ["people", "access-keys"] => Self::Administration(AccessKeys),
            ["people", _] => Self::Administration(Person),
            ["audit"] => Self::Administration(Audit),
            _ => return None,
        })
    }
}

/// The page at the present address. The router has one route for all of them: a match is a tenth of its code.
#[component]
pub(crate) fn CurrentPage() -> impl IntoView {
    let path = use_location().pathname;
    let page = Memo::new(move |_| path.with(|path| Page::of(path)));
    move || match page.get() {
        Some(Page::Home) => later(|| live(LivePart::Home)),
        Some(Page::List) => view! { <ListPage /> }.into_any(),
        Some(Page::Account) => later(|| entrance(Entrance::Account)),
        Some(Page::Design) => later(design),
        Some(Page::Secret(page)) => later(move || secrets(SecretPart::Page(page))),
        Some(Page::File(page)) => later(move || files(page)),
        Some(Page::Sharing(page)) => later(move || sharing(SharingPart::Page(page))),
        Some(Page::Administration(page)) => later(move || administration(page)),
        None => {
            view! { <div class="page"><h1>{t!("Not found")}</h1><p>{t!("There is no such page.")}</p></div> }.into_any()
        }
    }
}

/// What the address names in a part of MySafe: `/people/ID` for `people`. Stays when the address leads elsewhere, a moment before the page goes.
pub(crate) fn use_id(part: &'static str) -> Memo<Option<String>> {
    let path = use_location().pathname;
    Memo::new(move |before: Option<&Option<String>>| {
        let named = path.with(|path| path.strip_prefix('/')?.strip_prefix(part)?.strip_prefix('/').map(str::to_owned));
        let id = named.and_then(|rest| rest.split('/').next().map(str::to_owned));
        id.or_else(|| before.cloned().flatten())
    })
}

/// What stands before the keys are open, and what is about one's own account and password.
#[derive(Clone)]
pub(crate) enum Entrance {
    SetUp,
    Accept(String, Callback<()>),
    Restoration(String, Callback<()>),
    SecondStep(Rc<HalfSignedIn>, Callback<Option<(Profile, AccountKeys)>>),
    Unlock(Profile),
    Recovery(Callback<()>),
    Account,
    Proof,
}

#[wasm_split(entrance, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn entrance(part: Entrance) -> Loaded {
    Ok(match part {
        Entrance::SetUp => view! { <SetUpPage /> }.into_any(),
        Entrance::Accept(code, then) => view! { <AcceptPage code then /> }.into_any(),
        Entrance::Restoration(code, then) => view! { <RestorationPage code then /> }.into_any(),
        Entrance::SecondStep(half, then) => view! { <SecondStepForm half then /> }.into_any(),
        Entrance::Unlock(profile) => view! { <UnlockButton profile /> }.into_any(),
        Entrance::Recovery(back) => view! { <RecoveryPage back /> }.into_any(),
        Entrance::Account => view! { <AccountPage /> }.into_any(),
        Entrance::Proof => view! { <ProofDialog /> }.into_any(),
    })
}

/// What is about secrets alone.
#[derive(Clone)]
pub(crate) enum SecretPart {
    Page(SecretPage),
    Tag(Vec<SecretId>),
}

#[wasm_split(secret, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn secrets(part: SecretPart) -> Loaded {
    Ok(match part {
        SecretPart::Page(SecretPage::Add) => view! { <AddPage /> }.into_any(),
        SecretPart::Page(SecretPage::Edit) => view! { <EditPage /> }.into_any(),
        SecretPart::Page(SecretPage::Details) => view! { <DetailsPage /> }.into_any(),
        SecretPart::Page(SecretPage::History) => view! { <HistoryPage /> }.into_any(),
        SecretPart::Page(SecretPage::Rotate) => view! { <RotatePage /> }.into_any(),
        SecretPart::Page(SecretPage::Bin) => view! { <BinPage /> }.into_any(),
        SecretPart::Tag(ids) => view! { <TagDialog ids /> }.into_any(),
    })
}

/// What goes on beside the pages.
#[derive(Clone, Copy)]
pub(crate) enum LivePart {
    Installed,
    /// The first page. This chunk is asked for with every page.
    Home,
    /// What hears live events and keys, and the way to help.
    Listener,
    /// Above every page; and what the browser does by itself.
    Notices,
    Reminders,
}

#[wasm_split(live, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn live(part: LivePart) -> Loaded {
    Ok(match part {
        LivePart::Installed => view! { <Installed /> }.into_any(),
        LivePart::Home => view! { <HomePage /> }.into_any(),
        LivePart::Listener => view! { <Listener /> <Keyboard /> <Help /> }.into_any(),
        LivePart::Notices => view! { <Notices /> }.into_any(),
        LivePart::Reminders => view! { <Reminders /> }.into_any(),
    })
}

#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn files(page: FilePage) -> Loaded {
    Ok(match page {
        FilePage::Import => view! { <ImportPage /> }.into_any(),
        FilePage::Export => view! { <ExportPage /> }.into_any(),
    })
}

/// What is about who has access.
#[derive(Clone)]
pub(crate) enum SharingPart {
    /// So that the code is there.
    Nothing,
    Page(SharingPage),
    Confirm(Kind, Vec<SecretId>),
    Share(Arc<Chosen>),
    Transfer(Arc<Chosen>),
    Limit(Kind, Vec<SecretId>, Arc<PresentAccess>),
    ShareOne(SecretId, String),
}

#[wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn sharing(part: SharingPart) -> Loaded {
    Ok(match part {
        SharingPart::Nothing => ().into_any(),
        SharingPart::Confirm(kind, ids) => view! { <ConfirmDialog kind ids /> }.into_any(),
        SharingPart::Page(SharingPage::Activity) => view! { <ActivityPage /> }.into_any(),
        SharingPart::Page(SharingPage::Receipt) => view! { <ReceiptPage /> }.into_any(),
        SharingPart::Share(chosen) => view! { <ShareDialog chosen /> }.into_any(),
        SharingPart::Transfer(chosen) => view! { <BatchTransfer chosen /> }.into_any(),
        SharingPart::ShareOne(id, name) => view! { <ShareOneDialog id name /> }.into_any(),
        SharingPart::Page(SharingPage::Colleague) => view! { <ColleaguePage /> }.into_any(),
        SharingPart::Limit(Kind::SameAccess, ids, access) => view! { <SameAccessDialog ids access /> }.into_any(),
        SharingPart::Limit(kind, ids, access) => {
            let batch = use_batch();
            let (name_of, refused) =
                (Callback::new(move |id| batch.name_of(id)), Callback::new(move |()| batch.refresh()));
            let then = Callback::new(move |done| batch.end(done));
            let narrowed = Callback::new(move |ids| batch.narrow(ids));
            view! { <LimitDialog kind ids access name_of refused narrowed then /> }.into_any()
        }
    })
}

#[wasm_split(administration, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn administration(page: AdministrationPage) -> Loaded {
    Ok(match page {
        AdministrationPage::FirstSteps => view! { <FirstSteps /> }.into_any(),
        AdministrationPage::Groups => view! { <GroupsPage /> }.into_any(),
        AdministrationPage::Group => view! { <GroupPage /> }.into_any(),
        AdministrationPage::AccessKeys => view! { <AccessKeysPage /> }.into_any(),
        AdministrationPage::People => view! { <PeoplePage /> }.into_any(),
        AdministrationPage::Person => view! { <PersonPage /> }.into_any(),
        AdministrationPage::Audit => view! { <AuditPage /> }.into_any(),
    })
}

/// What everything looks like.
#[wasm_split(design, wasm_split_path = ::leptos::wasm_split, fallible)]
fn design() -> Loaded {
    Ok(view! { <DesignPage /> }.into_any())
}

/// How hard a new password is to guess. By itself: its lists of words are larger than everything else.
#[wasm_split(strength, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn weigh(password: Zeroizing<String>, known: Vec<String>) -> Result<Estimate, NotLoaded> {
    Ok(estimate(&password, &known))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_their_pages() {
        assert_eq!(Page::of("/"), Some(Page::Home));
        assert_eq!(Page::of("/secrets/"), Some(Page::List));
        assert_eq!(Page::of("/secrets/new"), Some(Page::Secret(SecretPage::Add)));
        assert_eq!(Page::of("/secrets/0b1c/"), Some(Page::Secret(SecretPage::Details)));
        assert_eq!(Page::of("/secrets/0b1c/edit"), Some(Page::Secret(SecretPage::Edit)));
        assert_eq!(Page::of("/secrets/0b1c/history"), Some(Page::Secret(SecretPage::History)));
        assert_eq!(Page::of("/activity"), Some(Page::Sharing(SharingPage::Activity)));
        for path in ["/nothing", "/secrets/a/b", "/audit/x", "/account/x"] {
            assert_eq!(Page::of(path), None, "{path}");
        }
    }
}
