use std::collections::HashSet;

use leptos::prelude::*;
use vault::{RecipientId, SecretId};

use super::{Sending, problem_list};
use crate::error::{AppError, Problem, Subject};
use crate::language::{n, translate};

/// The way on without the records that were refused.
#[derive(Clone, Copy)]
pub(crate) struct Rest {
    /// How many records there are.
    pub count: Signal<usize>,
    /// Goes on without these.
    pub go_on: Callback<HashSet<SecretId>>,
}

impl Rest {
    /// Offers it, where secrets alone were refused, and not all of them.
    pub(super) fn offer(self, problems: &[Problem], pending: Signal<bool>) -> Option<impl IntoView + use<>> {
        let secret = |problem: &Problem| match problem.subject {
            Subject::Secret(id) => Some(id),
            Subject::Recipient(_) => None,
        };
        let refused: HashSet<SecretId> = problems.iter().map(secret).collect::<Option<_>>()?;
        let left = self.count.get_untracked().checked_sub(refused.len()).filter(|left| *left > 0)?;
        let go_on = move |_| {
            if !pending.get_untracked() {
                self.go_on.run(refused.clone());
            }
        };
        Some(view! {
            <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=go_on>
                {n!(left, "Go on with the other {n} record", "Go on with the other {n} records")}
            </button>
        })
    }
}

/// Why what was sent from a dialog was not done, or that nobody knows.
#[component]
pub(crate) fn Failure<T: Clone + Send + Sync + 'static>(
    sending: Sending<T>,
    /// What comes before the records that were refused: "Nothing was shared:".
    nothing: &'static str,
    /// What to do where nobody knows whether it was done.
    again: &'static str,
    /// How a secret is called.
    secret: Callback<SecretId, Option<String>>,
    /// How a person or group is called.
    recipient: Callback<RecipientId, Option<String>>,
    /// The way on without the records that were refused, where there is one.
    #[prop(optional_no_strip)]
    rest: Option<Rest>,
) -> impl IntoView {
    move || {
        sending.error.get().map(|error| {
            view! {
                <div role="alert" class="dialog-error">
                    {match error {
                        AppError::Refused(problems) => view! {
                            <p>{nothing}</p>
                            {problem_list(&problems, |id| secret.run(id), |id| recipient.run(id))}
                            {rest.and_then(|rest| rest.offer(&problems, sending.pending.into()))}
                        }.into_any(),
                        AppError::Invalid { reason, .. } => view! { <p>{translate(&reason).to_owned()}</p> }.into_any(),
                        other => view! { <p>{other.to_string()}</p> }.into_any(),
                    }}
                    {sending.is_unsettled().then(|| view! { <p>{again}</p> })}
                </div>
            }
        })
    }
}
