use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;
use wasm_bindgen::JsValue;

use crate::account::{SignInPage, Standing, provide_session, use_session};
use crate::batch::provide_batch;
use crate::home_page::HomePage;
use crate::layout::Layout;
use crate::pages;
use crate::secret::{DetailsPage, ListPage, provide_secret_list};
use crate::settling::provide_settling;
use crate::ui::{later, provide_toasts};
use crate::upkeep::keep_up;

/// The application: what is shown depends first on where the person stands, then on the address.
#[component]
pub fn App() -> impl IntoView {
    let session = provide_session();
    let toasts = provide_toasts();
    // An invitation is opened whoever is signed in: the link is for one who is not here yet.
    let invitation = RwSignal::new(invitation_code());
    let joined = Callback::new(move |()| {
        // The secret does not stay in the address.
        let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some("/")));
        invitation.set(None);
    });
    view! {
        {move || match session.standing() {
            standing if invitation.with(Option::is_some) && standing != Standing::Asking => {
                let code = invitation.get().unwrap_or_default();
                later(move || pages::accept(code.clone(), joined))
            }
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
            Standing::Empty => later(pages::set_up),
            Standing::SignedOut => view! { <SignInPage locked=None /> }.into_any(),
            Standing::Locked(profile) => view! { <SignInPage locked=Some(profile) /> }.into_any(),
            Standing::Unlocked(_) => view! { <Pages /> }.into_any(),
        }}
        {toasts.outlet()}
    }
}

/// The secret of the invitation that the address names, if it names one.
fn invitation_code() -> Option<String> {
    let location = window().location();
    let is_invitation = location.pathname().is_ok_and(|path| path == "/invitation");
    is_invitation.then(|| location.hash().unwrap_or_default().trim_start_matches('#').to_owned())
}

/// Everything behind the sign-in.
#[component]
fn Pages() -> impl IntoView {
    provide_secret_list();
    provide_batch();
    provide_settling();
    keep_up(use_session());
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=|| view! { <div class="page"><h1>"Not found"</h1><p>"There is no such page."</p></div> }>
                    <Route path=path!("/") view=HomePage />
                    <Route path=path!("/secrets") view=ListPage />
                    <Route path=path!("/secrets/new") view=|| later(pages::add) />
                    <Route path=path!("/secrets/:id") view=DetailsPage />
                    <Route path=path!("/secrets/:id/edit") view=|| later(pages::edit) />
                    <Route path=path!("/groups") view=|| later(pages::groups) />
                    <Route path=path!("/groups/:id") view=|| later(pages::group) />
                    <Route path=path!("/account") view=|| later(pages::account) />
                    <Route path=path!("/people") view=|| later(pages::people) />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}
