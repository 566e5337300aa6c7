use leptos::prelude::*;
use leptos_router::components::A;

use super::api::find_people;
use crate::account::use_session;
use crate::secret::use_secret_list;

/// What leads an administrator of a new organization to the first API secret that somebody else can use. What is done says so.
#[component]
pub fn FirstSteps() -> impl IntoView {
    let (session, list) = (use_session(), use_secret_list());
    let people = session.load(|| find_people(String::new(), 0));
    // The administrator is one of them.
    let has_others = move || people.with(|people| matches!(people, Some(Ok(people)) if people.total > 1));
    let has_own = move || list.all().iter().any(|entry| entry.row.permission.is_none());
    view! {
        <section class="card" aria-labelledby="first-steps-title">
            <h2 id="first-steps-title">"First steps"</h2>
            <ol class="steps">
                <Step title="Set up the organization" done=|| true text="Your recovery code opens your account when the password is lost: keep it where nobody else finds it." />
                <Step title="Invite people" done=has_others text="Each gets a link and makes their own keys. Two administrators can help each other back in; one alone cannot.">
                    <A href="/people" attr:class="button">"Invite people"</A>
                </Step>
                <Step title="Add API secrets" done=has_own text="One by one, or all at once from a file of another manager. They are sealed before they leave this browser.">
                    <A href="/secrets/new" attr:class="button">"Add API secret"</A>
                    <A href="/secrets/import" attr:class="button">"Import"</A>
                </Step>
                <Step title="Share them" done=|| false text="Tick them in the list and press Share. Where the same people get things again and again, make a group first.">
                    <A href="/secrets" attr:class="button">"Open the list"</A>
                    <A href="/groups" attr:class="button">"Groups"</A>
                </Step>
            </ol>
        </section>
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
            <h3>{title} {move || done().then_some(" – done")}</h3>
            <p>{text}</p>
            {children.map(|children| view! { <p class="page-actions">{children()}</p> })}
        </li>
    }
}
