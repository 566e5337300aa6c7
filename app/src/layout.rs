use leptos::ev::KeyboardEvent;
use leptos::html::{Button, Main};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use crate::account::use_session;
use crate::restoration::use_notices;
use crate::settling::use_settling;
use crate::ui::{Icon, use_toasts};

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
        }
        path
    });
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="top">
            <GridMenu />
            <span class="brand">"MySafe"</span>
            <p class="offline" aria-live="polite">
                {move || session.is_offline().then_some("No connection. Trying again …")}
            </p>
            <p class="settling" role="status">{move || settling.text()}</p>
            <div class="who">
                <A href="/account" attr:class="who-name" attr:title="My account">{Icon::Person.view()} <span>{name}</span></A>
                <button class="button quiet" type="button" on:click=move |_| { toasts.clear(); session.lock(None); }>"Lock"</button>
                <button class="button quiet" type="button" on:click=move |_| { toasts.clear(); session.sign_out(); }>"Sign out"</button>
            </div>
        </header>
        <nav class="side" aria-label="MySafe">
            <A href="/" exact=true>{Icon::Home.view()} <span>"Home"</span></A>
            <A href="/secrets">{Icon::Key.view()} <span>"API secrets"</span></A>
            <A href="/groups">{Icon::Group.view()} <span>"Groups"</span></A>
            {administrator.then(|| view! {
                <A href="/people">{Icon::Person.view()} <span>"People"</span></A>
                <A href="/audit">{Icon::List.view()} <span>"Audit log"</span></A>
            })}
        </nav>
        <main class="content" id="main" tabindex="-1" node_ref=main>{use_notices().view()} {children()}</main>
    }
}

/// The nine squares in the upper left: the parts of the platform.
#[component]
fn GridMenu() -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<Button>::new();
    let item = NodeRef::<leptos::html::A>::new();
    Effect::new(move || {
        if open.get()
            && let Some(item) = item.get()
        {
            let _ = item.focus();
        }
    });
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" | "Tab" => close(),
        "ArrowDown" if !open.get_untracked() => {
            event.prevent_default();
            open.set(true);
        }
        _ => {}
    };
    view! {
        <div class="grid-menu" on:keydown=key>
            <button node_ref=button class="button icon-only" type="button" aria-label="Grid Menu" title="Grid Menu" aria-haspopup="menu"
                aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                {Icon::Grid.view()}
            </button>
            {move || open.get().then(|| view! {
                <div class="veil" on:click=move |_| open.set(false)></div>
                <div class="menu" role="menu" aria-label="Grid Menu">
                    <a node_ref=item role="menuitem" href="/" tabindex="-1" on:click=move |_| close()>{Icon::Key.view()} "MySafe"</a>
                </div>
            })}
        </div>
    }
}
