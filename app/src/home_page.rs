use leptos::prelude::*;
use leptos_router::components::A;

use crate::account::use_session;
use crate::language::t;
use crate::pages::{self, AdministrationPage};
use crate::preference::{NO_FIRST_STEPS, use_preferences};
use crate::secret::api::SecretRow;
use crate::secret::use_secret_list;
use crate::ui::{later_quietly, number};

/// The first page: what there is, and the way to it.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let (session, list) = (use_session(), use_secret_list());
    let name = session.profile().map(|profile| profile.name).unwrap_or_default();
    let count = move |of: fn(&SecretRow) -> bool| {
        move || list.is_loaded().then(|| number(list.all().iter().filter(|entry| of(&entry.row)).count()))
    };
    let is_administrator = session.profile().is_some_and(|profile| profile.administrator);
    let preferences = use_preferences();
    // As long as nobody shares anything, a new organization is led there; a member to their first API secret.
    let is_new = Memo::new(move |_| {
        let counts = move |row: &SecretRow| !is_administrator || row.shared;
        !preferences.has(NO_FIRST_STEPS) && list.is_loaded() && !list.all().iter().any(|entry| counts(&entry.row))
    });
    let card = move |label: &'static str, of| {
        view! { <div class="card figure"><dt>{label}</dt><dd>{move || count(of)().unwrap_or_else(|| "…".into())}</dd></div> }
    };
    view! {
        <div class="page">
            <h1>{t!("Welcome, {name}", name)}</h1>
            <dl class="figures">
                {card(t!("Your API secrets"), |row| row.permission.is_none())}
                {card(t!("Shared by you"), |row| row.permission.is_none() && row.shared)}
                {card(t!("Shared with you"), |row| row.permission.is_some())}
            </dl>
            <p><A href="/secrets" attr:class="button primary">{t!("Open API secrets")}</A></p>
            {move || is_new.get().then(|| later_quietly(|| pages::administration(AdministrationPage::FirstSteps)))}
        </div>
    }
}
