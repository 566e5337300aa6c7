use std::collections::HashSet;

use leptos::prelude::*;
use vault::SecretId;

use super::{Kind, problem_list, use_batch};
use crate::error::{AppError, Problem, Subject};
use crate::secret::records;
use crate::ui::Dialog;

/// Asks whether to go on with a batch. Where records do not qualify, lists them and offers to go on with the rest.
#[component]
pub(super) fn ConfirmDialog(kind: Kind, ids: Vec<SecretId>) -> impl IntoView {
    let batch = use_batch();
    let pending = batch.pending;
    let question = kind.question(ids.len());
    let ids = StoredValue::new(ids);
    let yes = move |_| batch.go_on(kind, ids.get_value());
    // Asking for keys can be left at any time. What changes records is on its way once it was sent.
    let may_leave = move || kind.goes_on() || !pending.get();
    let refusal = move |problems: Vec<Problem>| {
        let refused: HashSet<Subject> = problems.iter().map(|problem| problem.subject).collect();
        let rest: Vec<SecretId> =
            ids.get_value().into_iter().filter(|id| !refused.contains(&Subject::Secret(*id))).collect();
        let count = rest.len();
        let rest = StoredValue::new(rest);
        view! {
            <p>{format!("Nothing was changed. You cannot {} {}:", kind.verb(), records(refused.len()))}</p>
            {problem_list(&problems, |id| batch.name_of(id), |_| None)}
            {(count > 0).then(|| view! {
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| batch.go_on(kind, rest.get_value())>
                    {format!("Go on with the other {}", records(count))}
                </button>
            })}
        }
    };
    view! {
        <Dialog title="Confirmation" on_cancel=Callback::new(move |()| batch.cancel()) can_cancel=Signal::derive(may_leave)>
            <p>{question}</p>
            {kind.hint().map(|hint| view! { <p class="hint">{hint}</p> })}
            {move || batch.error.get().map(|error| view! {
                <div role="alert" class="dialog-error">
                    {match error {
                        AppError::Refused(problems) => refusal(problems).into_any(),
                        other => view! { <p>{other.to_string()}</p> }.into_any(),
                    }}
                </div>
            })}
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || (!may_leave()).to_string()
                    on:click=move |_| if may_leave() { batch.cancel() }>"No"</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=yes>"Yes"</button>
            </div>
        </Dialog>
    }
}
