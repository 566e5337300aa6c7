use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::account::{SetUpPage, SignInPage, Standing, provide_session};
use crate::batch::provide_batch;
use crate::group::{GroupPage, GroupsPage};
use crate::home_page::HomePage;
use crate::layout::Layout;
use crate::secret::{AddPage, DetailsPage, EditPage, ListPage, provide_secret_list};
use crate::ui::provide_toasts;

/// The application: what is shown depends first on where the person stands, then on the address.
#[component]
pub fn App() -> impl IntoView {
    let session = provide_session();
    let toasts = provide_toasts();
    view! {
        {move || match session.standing() {
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
            Standing::Empty => view! { <SetUpPage /> }.into_any(),
            Standing::SignedOut => view! { <SignInPage locked=None /> }.into_any(),
            Standing::Locked(profile) => view! { <SignInPage locked=Some(profile) /> }.into_any(),
            Standing::Unlocked(_) => view! { <Pages /> }.into_any(),
        }}
        {toasts.outlet()}
    }
}

/// Everything behind the sign-in.
#[component]
fn Pages() -> impl IntoView {
    provide_secret_list();
    provide_batch();
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=|| view! { <div class="page"><h1>"Not found"</h1><p>"There is no such page."</p></div> }>
                    <Route path=path!("/") view=HomePage />
                    <Route path=path!("/secrets") view=ListPage />
                    <Route path=path!("/secrets/new") view=AddPage />
                    <Route path=path!("/secrets/:id") view=DetailsPage />
                    <Route path=path!("/secrets/:id/edit") view=EditPage />
                    <Route path=path!("/groups") view=GroupsPage />
                    <Route path=path!("/groups/:id") view=GroupPage />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}
