use leptos::prelude::*;
use vault::SecretId;

use super::effect::EffectText;
use super::failure::Rest;
use super::{Kind, problem_list, use_batch, without};
use crate::error::{AppError, Problem, Subject};
use crate::language::{n, t};
use crate::secret::api::SecretRow;
use crate::secret::{Selection, use_secret_list};
use crate::ui::Dialog;

/// Asks whether to go on with a batch, and says what it comes to. Where records do not qualify, lists them and offers to go on with the rest.
#[component]
pub(crate) fn ConfirmDialog(kind: Kind, ids: Vec<SecretId>) -> impl IntoView {
    let (batch, list) = (use_batch(), use_secret_list());
    let pending = batch.pending;
    let rows = untrack(|| list.rows_of(&ids));
    let is_ticked = |id: &SecretId| list.selection.with_untracked(|selection| selection.contains(*id));
    let named = match &ids[..] {
        [one] if !is_ticked(one) || list.selection.with_untracked(Selection::len) > 1 => batch.name_of(*one),
        _ => None,
    };
    let administrator = batch.session.profile_untracked().is_some_and(|profile| profile.administrator);
    let problem = |row: &SecretRow| {
        let reason = kind.problem(row, administrator)?;
        Some(Problem { subject: Subject::Secret(row.id), reason })
    };
    // What the list knows already is said before anybody says yes.
    let known: Vec<Problem> = rows.iter().filter_map(|entry| problem(&entry.row)).collect();
    let qualify = known.is_empty();
    // What was left out stays left out.
    let ids = RwSignal::new(ids);
    let count = Signal::derive(move || ids.with(Vec::len));
    let question = move || question(kind, count.get(), named.as_deref());
    let yes = move |_| batch.go_on(kind, ids.get_untracked());
    let go_on = Callback::new(move |refused| {
        ids.update(|ids| *ids = without(ids, &refused));
        batch.go_on(kind, ids.get_untracked());
    });
    let rest = Rest { count, go_on };
    // Asking for keys can be left at any time. What changes records is on its way once it was sent.
    let may_leave = move || kind.goes_on() || !pending.get();
    let refusal = move |head: &'static str, problems: &[Problem]| {
        view! {
            <p>{head} {n!(problems.len(), "You cannot {verb} {n} record:", "You cannot {verb} {n} records:", verb = kind.verb())}</p>
            {problem_list(problems, |id| batch.name_of(id), |_| None)}
            {rest.offer(problems, pending.into())}
        }
    };
    view! {
        <Dialog title=t!("Confirmation") on_cancel=Callback::new(move |()| batch.cancel()) can_cancel=Signal::derive(may_leave)>
            <p>{question}</p>
            {kind.hint().map(|hint| view! { <p class="hint">{hint}</p> })}
            {qualify.then(|| view! { <EffectText kind rows ids=ids.get_untracked() /> })}
            {move || match batch.error.get() {
                Some(error) => view! {
                    <div role="alert" class="dialog-error">
                        {match error {
                            AppError::Refused(problems) => refusal(t!("Nothing was changed. "), &problems).into_any(),
                            other => view! { <p>{other.to_string()}</p> }.into_any(),
                        }}
                    </div>
                }.into_any(),
                None if qualify => ().into_any(),
                None => view! { <div class="dialog-error">{refusal("", &known)}</div> }.into_any(),
            }}
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || (!may_leave()).to_string()
                    on:click=move |_| if may_leave() { batch.cancel() }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=yes>{t!("Yes")}</button>
            </div>
        </Dialog>
    }
}

/// By the number of records; by its name where it is one that is not what is ticked.
fn question(kind: Kind, count: usize, name: Option<&str>) -> String {
    name.map_or_else(
        || kind.question(count),
        |name| t!("Are you sure you want to {verb} {name}?", verb = kind.verb(), name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_that_is_not_what_is_ticked_is_asked_about_by_its_name() {
        assert_eq!(question(Kind::Disable, 1, None), "Are you sure you want to disable the 1 record selected?");
        assert_eq!(question(Kind::Disable, 1, Some("Ledger API")), "Are you sure you want to disable Ledger API?");
        assert_eq!(question(Kind::Share, 2, None), "Are you sure you want to share the 2 records selected?");
    }
}
