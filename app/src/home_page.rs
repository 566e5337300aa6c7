use leptos::prelude::*;
use leptos_router::components::A;

use crate::account::use_session;
use crate::secret::use_secret_list;

/// The first page: what there is, and the way to it.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let (session, list) = (use_session(), use_secret_list());
    let name = session.profile().map(|profile| profile.name).unwrap_or_default();
    let count = move |of: fn(&crate::secret::api::SecretRow) -> bool| {
        move || list.is_loaded().then(|| list.all().iter().filter(|entry| of(&entry.row)).count().to_string())
    };
    let card = move |label: &'static str, of| {
        view! { <div class="card figure"><dt>{label}</dt><dd>{move || count(of)().unwrap_or_else(|| "…".into())}</dd></div> }
    };
    view! {
        <div class="page">
            <h1>{format!("Welcome, {name}")}</h1>
            <dl class="figures">
                {card("Your API secrets", |row| row.permission.is_none())}
                {card("Shared by you", |row| row.permission.is_none() && row.shared)}
                {card("Shared with you", |row| row.permission.is_some())}
            </dl>
            <p><A href="/secrets" attr:class="button primary">"Open API secrets"</A></p>
        </div>
    }
}
