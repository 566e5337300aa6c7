use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;

use super::filter::{Filter, View, parse_choice};
use super::list::{SecretList, use_secret_list};
use crate::language::t;
use crate::pages::{self, LivePart};
use crate::ui::later_quietly;

/// What the list is narrowed to.
#[component]
pub(super) fn FilterBar() -> impl IntoView {
    let list = use_secret_list();
    let filter = list.filter;
    let more = RwSignal::new(filter.with_untracked(Filter::uses_more));
    // Everything takes effect at once; the button is for those who look for one, and for Enter.
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        list.reload();
    };
    // The view stays: it is where somebody is, and not what they look for.
    let clear = move |_| filter.update(|filter| *filter = Filter { view: filter.view, ..Filter::default() });
    view! {
        <form class="filter" class:all=move || more.get() role="search" aria-label=t!("Filter") on:submit=submit>
            {text(list, t!("Name"), "text", |filter| &filter.name, |filter, value| filter.name = value)}
            {text(list, "URL", "text", |filter| &filter.url, |filter, value| filter.url = value)}
            {text(list, t!("Tags"), "tags", |filter| &filter.tags, |filter, value| filter.tags = value)}
            {text(list, t!("Owner"), "text", |filter| &filter.owner, |filter, value| filter.owner = value)}
            {choice(list, t!("Shared"), |filter| filter.shared, |filter, value| filter.shared = value)}
            {choice(list, t!("Enabled"), |filter| filter.enabled, |filter, value| filter.enabled = value)}
            <div class="filter-buttons">
                <button class="button" type="submit">{t!("Filter")}</button>
                <button class="button quiet" type="button" on:click=clear>{t!("Clear")}</button>
                <button class="button quiet" type="button" aria-expanded=move || more.get().to_string() aria-controls="more-filters"
                    on:click=move |_| more.update(|more| *more = !*more)>{t!("All fields")}</button>
            </div>
            <div class="more-filters" id="more-filters" hidden=move || !more.get()>
                {text(list, "ID", "text", |filter| &filter.id, |filter, value| filter.id = value)}
                {text(list, t!("Last use from"), "date", |filter| &filter.used_from, |filter, value| filter.used_from = value)}
                {text(list, t!("Last use until"), "date", |filter| &filter.used_until, |filter, value| filter.used_until = value)}
            </div>
        </form>
        <datalist id="known-tags">
            {move || list.tags().into_iter().map(|tag| view! { <option value=tag></option> }).collect_view()}
        </datalist>
    }
}

/// All rows, one's own, or those of others.
#[component]
pub(super) fn Views() -> impl IntoView {
    let list = use_secret_list();
    let (filter, new) = (list.filter, Memo::new(move |_| list.count_new()));
    let button = move |view: View| {
        let is = move || filter.with(|filter| filter.view == view);
        let choose = move |event: MouseEvent| {
            event.prevent_default();
            filter.update(|filter| filter.view = view);
        };
        view! {
            <a class="view" href=view.address() aria-current=move || is().then_some("true") on:click=choose>
                {view.title()}
                {move || Some(new.get()).filter(|new| view == View::New && *new > 0).map(|new| format!(" ({new})"))}
            </a>
        }
    };
    view! { <div class="views" role="group" aria-label=t!("View")>{View::ALL.map(button)} {later_quietly(|| pages::live(LivePart::Reminders))}</div> }
}

fn text(
    list: SecretList,
    label: &'static str,
    kind: &'static str,
    read: fn(&Filter) -> &String,
    write: fn(&mut Filter, String),
) -> impl IntoView {
    let filter = list.filter;
    let is_tags = kind == "tags";
    view! {
        <label class="field">
            <span>{label}</span>
            <input type=if is_tags { "text" } else { kind } list=is_tags.then_some("known-tags") autocomplete="off" spellcheck="false"
                prop:value=move || filter.with(|filter| read(filter).clone())
                on:input=move |event| filter.update(|filter| write(filter, event_target_value(&event))) />
        </label>
    }
}

fn choice(
    list: SecretList,
    label: &'static str,
    read: fn(&Filter) -> Option<bool>,
    write: fn(&mut Filter, Option<bool>),
) -> impl IntoView {
    let filter = list.filter;
    let is = move |value: Option<bool>| filter.with(|filter| read(filter) == value);
    view! {
        <label class="field">
            <span>{label}</span>
            <select on:change=move |event| filter.update(|filter| write(filter, parse_choice(&event_target_value(&event))))>
                <option value="" prop:selected=move || is(None)>{t!("All")}</option>
                <option value="yes" prop:selected=move || is(Some(true))>{t!("Yes")}</option>
                <option value="no" prop:selected=move || is(Some(false))>{t!("No")}</option>
            </select>
        </label>
    }
}
