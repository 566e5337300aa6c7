use leptos::prelude::*;
use vault::{RecipientId, SecretId};

use super::{Sending, problem_list};
use crate::error::AppError;

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
) -> impl IntoView {
    move || {
        sending.error.get().map(|error| {
            view! {
                <div role="alert" class="dialog-error">
                    {match error {
                        AppError::Refused(problems) => view! {
                            <p>{nothing}</p>
                            {problem_list(&problems, |id| secret.run(id), |id| recipient.run(id))}
                        }.into_any(),
                        AppError::Invalid { reason, .. } => view! { <p>{reason}</p> }.into_any(),
                        other => view! { <p>{other.to_string()}</p> }.into_any(),
                    }}
                    {sending.is_unsettled().then(|| view! { <p>{again}</p> })}
                </div>
            }
        })
    }
}
