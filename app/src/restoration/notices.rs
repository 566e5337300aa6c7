use leptos::prelude::*;
use vault::Purpose;

use super::api::{Notice, clear_notices};
use crate::account::{Session, use_session};
use crate::ui::local_time;

/// What a person has to be told: that others opened their account.
#[derive(Clone, Copy)]
pub(crate) struct Notices {
    notices: RwSignal<Vec<Notice>>,
    session: Session,
}

/// Makes the notices known to everything below.
pub(crate) fn provide_notices() -> Notices {
    let notices = Notices { notices: RwSignal::new(Vec::new()), session: use_session() };
    provide_context(notices);
    notices
}

pub(crate) fn use_notices() -> Notices {
    expect_context()
}

impl Notices {
    pub(crate) fn set(self, notices: Vec<Notice>) {
        // Gone once the keys are locked.
        if self.notices.try_with_untracked(|known| *known != notices) == Some(true) {
            self.notices.set(notices);
        }
    }

    /// The notices, above every page until the person says that they know.
    pub(crate) fn view(self) -> impl IntoView {
        let pending = RwSignal::new(false);
        move || {
            let notices = self.notices.get();
            let until = notices.last()?.at;
            let seen = move |_| {
                self.session.act(pending, clear_notices(until), move |result| {
                    if result.is_ok() {
                        self.notices.set(Vec::new());
                    }
                });
            };
            Some(view! {
                <div class="banner" role="alert">
                    <div>{notices.iter().map(|notice| view! { <p>{text(notice)}</p> }).collect_view()}</div>
                    <button class="button" type="button" on:click=seen>"I have read this"</button>
                </div>
            })
        }
    }
}

fn text(notice: &Notice) -> String {
    let what = match notice.purpose {
        Purpose::Restore => "so that you could set a new password",
        Purpose::Transfer => "to give API secrets of yours to somebody else",
    };
    format!(
        "{} opened your account on {}, {what}. If you do not know why, ask them.",
        notice.by.join(" and "),
        local_time(Some(notice.at))
    )
}
