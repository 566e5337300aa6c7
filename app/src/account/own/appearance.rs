use leptos::prelude::*;

use crate::language::{Language, t, use_language};
use crate::preference::{COMPACT, CONTRAST, DARK, LIGHT, NO_FIRST_STEPS, use_preferences};
use crate::ui::use_toasts;

/// How the application looks in this browser; what is picked is seen at once.
#[component]
pub(super) fn AppearanceSection() -> impl IntoView {
    view! {
        <section class="card form" aria-labelledby="appearance-title">
            <h2 id="appearance-title">{t!("Appearance")}</h2>
            <p class="hint">{t!("Kept in this browser, for whoever uses it.")}</p>
            <LanguageChoice />
            <Choice name="colours" legend=t!("Colours") options=vec![("", t!("As the system has it")), (LIGHT, t!("Light")), (DARK, t!("Dark"))] />
            <Choice name="contrast" legend=t!("Contrast") options=vec![("", t!("As the system has it")), (CONTRAST, t!("High"))] />
            <Choice name="rows" legend=t!("Rows of the list") options=vec![("", t!("Comfortable")), (COMPACT, t!("Compact"))] />
            <Choice name="first-steps" legend=t!("First steps") options=vec![("", t!("On the home page, until they are done")), (NO_FIRST_STEPS, t!("Hidden"))] />
        </section>
    }
}

/// One of some words; the first option stands for none of them.
#[component]
fn Choice(name: &'static str, legend: &'static str, options: Vec<(&'static str, &'static str)>) -> impl IntoView {
    let preferences = use_preferences();
    let words: StoredValue<Vec<&str>> = StoredValue::new(options.iter().map(|(word, _)| *word).collect());
    let is_chosen = move |word: &'static str| {
        if word.is_empty() {
            !words.with_value(|words| words.iter().any(|word| preferences.has(word)))
        } else {
            preferences.has(word)
        }
    };
    let options = options.into_iter().map(|(word, text)| {
        view! {
            <label class="choice">
                <input type="radio" name=name prop:checked=move || is_chosen(word)
                    on:change=move |_| words.with_value(|words| preferences.choose(words, word)) />
                <span>{text}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {options.collect_view()}
        </fieldset>
    }
}

/// The language of all that is shown.
#[component]
fn LanguageChoice() -> impl IntoView {
    let (language, toasts) = (use_language(), use_toasts());
    let now = untrack(|| language.get());
    let select = NodeRef::<leptos::html::Select>::new();
    let choose = move |event| {
        let tag = event_target_value(&event);
        let Some(chosen) = Language::ALL.into_iter().find(|language| language.tag() == tag) else { return };
        leptos::task::spawn_local(async move {
            if language.pick(chosen).await.is_err() {
                toasts.failed(t!("The texts of this language could not be loaded. Try again."));
                if let (Some(select), Some(now)) = (select.try_get_untracked().flatten(), now) {
                    select.set_value(now.tag());
                }
            }
        });
    };
    // Whoever goes on meanwhile, and writes something, does not lose it to a language that comes late.
    on_cleanup(move || language.give_up());
    select.on_load(move |select| {
        if language.take_focus() {
            let _ = select.focus();
        }
    });
    let options = Language::ALL.into_iter().map(|known| {
        view! { <option value=known.tag() lang=known.tag() selected=now == Some(known)>{known.name()}</option> }
    });
    view! {
        <div class="field">
            <label for="language">{t!("Language")}</label>
            <select id="language" node_ref=select on:change=choose>{options.collect_view()}</select>
        </div>
    }
}
