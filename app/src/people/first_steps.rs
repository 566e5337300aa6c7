use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen::JsCast as _;

use super::api::find_people;
use crate::account::use_session;
use crate::language::t;
use crate::preference::{NO_FIRST_STEPS, use_preferences};
use crate::secret::use_secret_list;
use crate::ui::use_toasts;

/// What leads to a beginning. Who has begun, or knows the way, can hide it in this browser.
#[component]
pub fn FirstSteps() -> impl IntoView {
    let (preferences, toasts) = (use_preferences(), use_toasts());
    let is_administrator = use_session().profile_untracked().is_some_and(|profile| profile.administrator);
    let hide = move |_| {
        toasts.done(t!("First steps are hidden. My account has them under Appearance."));
        // What was pressed goes with them: the keyboard goes on at the beginning of the page.
        let main = document().get_element_by_id("main");
        if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = main.focus();
        }
        preferences.choose(&[NO_FIRST_STEPS], NO_FIRST_STEPS);
    };
    view! {
        <section class="card" aria-labelledby="first-steps-title">
            <div class="card-head">
                <h2 id="first-steps-title">{t!("First steps")}</h2>
                <button class="button quiet" type="button" on:click=hide>{t!("Hide first steps")}</button>
            </div>
            {if is_administrator { view! { <OfOrganization /> }.into_any() } else { view! { <OfMember /> }.into_any() }}
        </section>
    }
}

/// Leads an administrator of a new organization to the first API secret that somebody else can use. What is done says so.
#[component]
fn OfOrganization() -> impl IntoView {
    let (session, list) = (use_session(), use_secret_list());
    let people = session.load(|| find_people(String::new(), 0));
    // The administrator is one of them.
    let has_others = move || people.with(|people| matches!(people, Some(Ok(people)) if people.total > 1));
    let has_own = move || list.all().iter().any(|entry| entry.row.permission.is_none());
    view! {
        <ol class="steps">
            <Step title=t!("Set up the organization") done=|| true text=t!("Your recovery code opens your account when the password is lost: keep it where nobody else finds it.") />
            <Step title=t!("Invite people") done=has_others text=t!("Each gets a link and makes their own keys. Two administrators can help each other back in; one alone cannot.")>
                <A href="/people" attr:class="button">{t!("Invite people")}</A>
            </Step>
            <Step title=t!("Add API secrets") done=has_own text=t!("One by one, or all at once from a file of another manager. They are sealed before they leave this browser.")>
                <A href="/secrets/new" attr:class="button">{t!("Add API secret")}</A>
                <A href="/secrets/import" attr:class="button">{t!("Import")}</A>
            </Step>
            <Step title=t!("Share them") done=|| false text=t!("Tick them in the list and press Share. Where the same people get things again and again, make a group first.")>
                <A href="/secrets" attr:class="button">{t!("Open the list")}</A>
                <A href="/groups" attr:class="button">{t!("Groups")}</A>
            </Step>
        </ol>
    }
}

/// Leads a member to their first API secret, whoever it comes from.
#[component]
fn OfMember() -> impl IntoView {
    view! {
        <ol class="steps">
            <Step title=t!("Join") done=|| true text=t!("Your recovery code opens your account when the password is lost: keep it where nobody else finds it.") />
            <Step title=t!("Get an API secret") done=|| false text=t!("What somebody shares with you is in the list by itself. Add what you have yourself, one by one or all at once from a file of another manager.")>
                <A href="/secrets/new" attr:class="button">{t!("Add API secret")}</A>
                <A href="/secrets/import" attr:class="button">{t!("Import")}</A>
            </Step>
        </ol>
    }
}

#[component]
fn Step(
    title: &'static str,
    text: &'static str,
    done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    /// Where to do it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="step" class:done=done>
            <h3>{title} {move || done().then_some(t!(" – done"))}</h3>
            <p>{text}</p>
            {children.map(|children| view! { <p class="page-actions">{children()}</p> })}
        </li>
    }
}
