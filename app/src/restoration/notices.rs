use leptos::prelude::*;
use vault::Purpose;

use super::api::{Notice, clear_notices};
use crate::account::use_session;
use crate::language::t;
use crate::ui::local_time;
use crate::upkeep::keep_up;

/// What a person has to be told, above every page until they say that they know: that others opened their account. It is asked for together with whatever
/// their browser does by itself.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let session = use_session();
    let (notices, pending) = (RwSignal::new(Vec::new()), RwSignal::new(false));
    keep_up(session, notices);
    move || {
        let told = notices.get();
        let until = told.last()?.at;
        let seen = move |_| {
            session.act(pending, clear_notices(until), move |result| {
                if result.is_ok() {
                    notices.set(Vec::new());
                }
            });
        };
        Some(view! {
            <div class="banner" role="alert">
                <div>{told.iter().map(|notice| view! { <p>{text(notice)}</p> }).collect_view()}</div>
                <button class="button" type="button" on:click=seen>{t!("I have read this")}</button>
            </div>
        })
    }
}

fn text(notice: &Notice) -> String {
    let (by, time) = (notice.by.join(t!(" and ")), local_time(Some(notice.at)));
    match notice.purpose {
        Purpose::Restore => t!(
            "{by} opened your account on {time}, so that you could set a new password. If you do not know why, ask them.",
            by,
            time
        ),
        Purpose::Transfer => t!(
            "{by} opened your account on {time}, to give API secrets of yours to somebody else. If you do not know why, ask them.",
            by,
            time
        ),
    }
}
