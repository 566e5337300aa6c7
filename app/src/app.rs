use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;
use wasm_bindgen::JsValue;

use crate::account::{SignInPage, Standing, provide_session, use_session};
use crate::batch::provide_batch;
use crate::home_page::HomePage;
use crate::layout::Layout;
use crate::pages::{self, Entrance, LaterPage};
use crate::restoration::provide_notices;
use crate::secret::{ListPage, provide_secret_list};
use crate::settling::provide_settling;
use crate::ui::{later, provide_toasts};
use crate::upkeep::keep_up;

/// The application: what is shown depends first on where the person stands, then on the address.
#[component]
pub fn App() -> impl IntoView {
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
    view! {
        {move || match session.standing() {
            standing if standing != Standing::Asking && let Some((purpose, code)) = link.get() => match purpose {
                LinkPurpose::Invitation => later(move || pages::entrance(Entrance::Accept(code.clone(), used))),
                LinkPurpose::Restoration => later(move || pages::entrance(Entrance::Restoration(code.clone(), used))),
            },
            Standing::Asking => view! { <main class="entrance"><p class="hint" role="status">"Loading …"</p></main> }.into_any(),
            Standing::Unreachable(error) => view! {
                <main class="entrance">
                    <div class="card entrance-card" role="alert">
                        <p class="brand">"MySafe"</p>
                        <p>{error.to_string()}</p>
                        <button class="button primary" type="button" on:click=move |_| session.ask()>"Try again"</button>
                    </div>
                </main>
            }.into_any(),
            Standing::Empty => later(|| pages::entrance(Entrance::SetUp)),
            Standing::SignedOut => view! { <SignInPage locked=None /> }.into_any(),
            Standing::Locked(profile) => view! { <SignInPage locked=Some(profile) /> }.into_any(),
            Standing::Unlocked(_) => view! { <Pages /> }.into_any(),
        }}
        {toasts.outlet()}
    }
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

/// Everything behind the sign-in.
#[component]
fn Pages() -> impl IntoView {
    provide_batch();
    provide_settling();
    keep_up(use_session(), provide_notices());
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=|| ()>
                    <Route path=path!("/") view=HomePage />
                    <Route path=path!("/secrets") view=ListPage />
                    <Route path=path!("/*page") view=LaterPage />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}
