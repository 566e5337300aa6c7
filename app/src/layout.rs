use leptos::html::Main;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_navigate};

use crate::account::use_session;
use crate::language::t;
use crate::pages::{self, LivePart};
use crate::settling::use_settling;
use crate::ui::{Icon, Menu, MenuItem, later_quietly, use_toasts};

/// What surrounds every page behind the sign-in: header, side menu, main part.
#[component]
pub(crate) fn Layout(children: Children) -> impl IntoView {
    let (session, toasts, location) = (use_session(), use_toasts(), use_location());
    let settling = use_settling();
    let profile = session.profile();
    let (name, administrator) = profile.map(|profile| (profile.name, profile.administrator)).unwrap_or_default();
    let main = NodeRef::<Main>::new();
    // A new page begins at its beginning, for the keyboard and for screen readers too.
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if before.is_some_and(|before| before != path)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
            // What a page has asked for is not done once somebody has left it.
            session.end_proof(false);
        }
        path
    });
    view! {
        <a class="skip" href="#main">{t!("Skip to content")}</a>
        <header class="top">
            <GridMenu />
            <span class="brand">"MySafe"</span>
            <p class="offline" aria-live="polite">
                {move || session.is_offline().then_some(t!("No connection. Trying again …"))}
            </p>
            <p class="settling" role="status">{move || settling.text()}</p>
            <div class="who">
                <A href="/account" attr:class="who-name" attr:title=t!("My account")>{Icon::Person.view()} <span>{name}</span></A>
                <button class="button quiet" type="button" on:click=move |_| { toasts.clear(); session.lock(None); }>{t!("Lock")}</button>
                <button class="button quiet" type="button" on:click=move |_| { toasts.clear(); session.sign_out(); }>{t!("Sign out")}</button>
            </div>
        </header>
        <nav class="side" aria-label="MySafe">
            <A href="/" exact=true>{Icon::Home.view()} <span>{t!("Home")}</span></A>
            <A href="/secrets">{Icon::Key.view()} <span>{t!("API secrets")}</span></A>
            <A href="/groups">{Icon::Group.view()} <span>{t!("Groups")}</span></A>
            {administrator.then(|| view! {
                <A href="/people">{Icon::Person.view()} <span>{t!("People")}</span></A>
                <A href="/audit">{Icon::List.view()} <span>{t!("Audit log")}</span></A>
            })}
            {later_quietly(|| pages::live(LivePart::Listener))}
        </nav>
        <main class="content" id="main" tabindex="-1" node_ref=main>{later_quietly(|| pages::live(LivePart::Notices))} {children()}</main>
    }
}

/// The nine squares in the upper left: the parts of the platform.
#[component]
fn GridMenu() -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let items = Callback::new(move |()| {
        let home = move || navigate.with_value(|navigate| navigate("/", NavigateOptions::default()));
        vec![MenuItem { icon: Some(Icon::Key), ..MenuItem::new("MySafe", home) }]
    });
    view! { <Menu label=t!("Grid Menu") class="button icon-only" face=Icon::Grid.view().into_any() items /> }
}
