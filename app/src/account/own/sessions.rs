use leptos::prelude::*;

use super::api::{OwnSession, end_session, list_sessions};
use crate::account::use_session;
use crate::language::{name, t};
use crate::ui::{local_time, use_toasts};

/// Where the person is signed in.
#[component]
pub(super) fn Sessions() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (again, pending) = (Trigger::new(), RwSignal::new(false));
    let sessions = session.load(move || {
        again.track();
        list_sessions()
    });
    let line = move |own: OwnSession| {
        let name = browser(&own.agent);
        let label = t!("Sign out {name}", name);
        let end = move |_| {
            session.act(pending, end_session(own.id.clone()), move |result| match result {
                Ok(()) => {
                    toasts.done(t!("Signed out there"));
                    again.notify();
                }
                Err(failed) => toasts.failed(failed.to_string()),
            });
        };
        view! {
            <tr>
                <th scope="row">{name} {own.current.then_some(t!(" (this one)"))}</th>
                <td>{local_time(Some(own.created_at))}</td>
                <td>{(!own.current).then(|| view! {
                    <button class="button" type="button" aria-label=label aria-disabled=move || pending.get().to_string() on:click=end>{t!("Sign out")}</button>
                })}</td>
            </tr>
        }
    };
    view! {
        <section class="card scroll" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{t!("Where you are signed in")}</h2>
            {move || sessions.get().map(|sessions| match sessions {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(sessions) => view! {
                    <table class="plain" aria-label=t!("Sessions")>
                        <thead>
                            <tr><th scope="col">{t!("Browser")}</th><th scope="col">{t!("Since")}</th><th scope="col">{t!("Action")}</th></tr>
                        </thead>
                        <tbody>{sessions.into_iter().map(line).collect_view()}</tbody>
                    </table>
                }.into_any(),
            })}
        </section>
    }
}

/// What people call the browser that says this of itself.
fn browser(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)], otherwise: &'static str| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map_or(otherwise, |(_, name)| *name)
    };
    let browsers = [
        (name!("Firefox/"), name!("Firefox")),
        (name!("Edg/"), name!("Edge")),
        (name!("OPR/"), name!("Opera")),
        (name!("Chrome/"), name!("Chrome")),
        (name!("Safari/"), name!("Safari")),
    ];
    let systems = [
        (name!("Android"), name!("Android")),
        (name!("iPhone"), name!("iPhone")),
        (name!("iPad"), name!("iPad")),
        (name!("Windows"), name!("Windows")),
        (name!("Mac OS"), name!("Mac")),
        (name!("Linux"), name!("Linux")),
    ];
    let (browser, system) = (first(&browsers, t!("A browser")), first(&systems, t!("some system")));
    t!("{browser} on {system}", browser, system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_by_their_names() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1";
        let edge =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
        let names = [chrome, iphone, edge, "curl/8"].map(browser);
        assert_eq!(names, ["Chrome on Linux", "Safari on iPhone", "Edge on Windows", "A browser on some system"]);
    }
}
