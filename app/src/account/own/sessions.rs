use leptos::prelude::*;

use super::api::{OwnSession, end_session, list_sessions};
use crate::account::use_session;
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
        let label = format!("Sign out {name}");
        let end = move |_| {
            session.act(pending, end_session(own.id.clone()), move |result| match result {
                Ok(()) => {
                    toasts.done("Signed out there");
                    again.notify();
                }
                Err(failed) => toasts.failed(failed.to_string()),
            });
        };
        view! {
            <tr>
                <th scope="row">{name} {own.current.then_some(" (this one)")}</th>
                <td>{local_time(Some(own.created_at))}</td>
                <td>{(!own.current).then(|| view! {
                    <button class="button" type="button" aria-label=label aria-disabled=move || pending.get().to_string() on:click=end>"Sign out"</button>
                })}</td>
            </tr>
        }
    };
    view! {
        <section class="card scroll" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            {move || sessions.get().map(|sessions| match sessions {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(sessions) => view! {
                    <table class="plain" aria-label="Sessions">
                        <thead>
                            <tr><th scope="col">"Browser"</th><th scope="col">"Since"</th><th scope="col">"Action"</th></tr>
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
    let browsers =
        [("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    format!("{} on {}", first(&browsers, "A browser"), first(&systems, "some system"))
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
