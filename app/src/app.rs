use std::time::Duration;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;
use wasm_bindgen::JsValue;

use crate::account::{Session, SignInPage, Standing, provide_session, use_session};
use crate::batch::provide_batch;
use crate::error::AppError;
use crate::language::{provide_language, t, use_language};
use crate::layout::Layout;
use crate::pages::{self, CurrentPage, Entrance, LivePart};
use crate::preference::provide_preferences;
use crate::secret::provide_secret_list;
use crate::settling::provide_settling;
use crate::ui::{later, later_quietly, provide_toasts};

/// When what nobody waits for is loaded: the first page comes before.
const BESIDE: Duration = Duration::from_secs(2);

/// The application: what is shown depends first on where the person stands, then on the address.
#[component]
pub fn App() -> impl IntoView {
    let language = provide_language(provide_preferences());
    let session = provide_session();
    let toasts = provide_toasts();
    provide_secret_list();
    // A link with a secret is opened whoever is signed in: it is for one who cannot sign in yet, or no more.
    let link = RwSignal::new(secret_link());
    let used = Callback::new(move |()| {
        // The secret does not stay in the address.
        let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some("/")));
        link.set(None);
    });
    let beside = RwSignal::new(false);
    set_timeout(move || beside.set(true), BESIDE);
    // What stands before the pages has nothing that changes the language: it only waits for the first.
    let can_speak = language.is_there();
    let standing = move || match session.standing() {
        standing
            if standing != Standing::Asking
                && let Some((purpose, code)) = link.get() =>
        {
            match purpose {
                LinkPurpose::Invitation => later(move || pages::entrance(Entrance::Accept(code.clone(), used))),
                LinkPurpose::Restoration => later(move || pages::entrance(Entrance::Restoration(code.clone(), used))),
            }
        }
        Standing::Asking => {
            view! { <main class="entrance"><p class="hint" role="status">{t!("Loading …")}</p></main> }.into_any()
        }
        Standing::Unreachable(error) => unreachable_page(session, error),
        Standing::Empty => later(|| pages::entrance(Entrance::SetUp)),
        Standing::SignedOut => view! { <SignInPage locked=None /> }.into_any(),
        Standing::Locked(profile) => view! { <SignInPage locked=Some(profile) /> }.into_any(),
        Standing::Unlocked(_) => view! { <Unlocked /> }.into_any(),
    };
    view! {
        {move || can_speak.get().then(standing)}
        {move || (beside.get() && can_speak.get()).then(|| later_quietly(|| pages::live(LivePart::Installed)))}
        {move || language.get().map(|_| toasts.outlet())}
    }
}

/// Instead of everything, where the server does not say who is there.
fn unreachable_page(session: Session, error: AppError) -> AnyView {
    view! {
        <main class="entrance">
            <div class="card entrance-card" role="alert">
                <p class="brand">"MySafe"</p>
                {match error {
                    AppError::Offline => view! {
                        <h1>{t!("No connection")}</h1>
                        <p>{t!("MySafe cannot be reached. All that your browser keeps is this page: your API secrets, sharing and signing in need the server.")}</p>
                        <p class="hint">{t!("It goes on by itself when the server answers.")}</p>
                    }.into_any(),
                    error => view! { <p>{error.to_string()}</p> }.into_any(),
                }}
                <button class="button primary" type="button" on:click=move |_| session.ask()>{t!("Try again")}</button>
            </div>
        </main>
    }
    .into_any()
}

/// What a link with a secret is for.
#[derive(Clone, Copy)]
enum LinkPurpose {
    Invitation,
    Restoration,
}

/// The secret that the address has, if it has one, and what it is for.
fn secret_link() -> Option<(LinkPurpose, String)> {
    let location = window().location();
    let purpose = match location.pathname().ok()?.as_str() {
        "/invitation" => LinkPurpose::Invitation,
        "/restoration" => LinkPurpose::Restoration,
        _ => return None,
    };
    Some((purpose, location.hash().unwrap_or_default().trim_start_matches('#').to_owned()))
}

/// Everything behind the sign-in. What is under way outlives a change of the language, which makes the pages anew, and not the session.
#[component]
fn Unlocked() -> impl IntoView {
    let language = use_language();
    provide_batch();
    provide_settling();
    let session = use_session();
    let asks_proof = Memo::new(move |_| session.asks_proof());
    view! {
        {move || language.get().map(|_| view! { <Pages /> }.into_any())}
        {move || asks_proof.get().then(|| later(|| pages::entrance(Entrance::Proof)))}
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=|| ()>
                    <Route path=path!("/*page") view=CurrentPage />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}
