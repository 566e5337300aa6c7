use leptos::prelude::*;

use crate::preference::{COMPACT, CONTRAST, DARK, LIGHT, NO_FIRST_STEPS, use_preferences};

/// How the application looks in this browser; what is picked is seen at once.
#[component]
pub(super) fn AppearanceSection() -> impl IntoView {
    view! {
        <section class="card form" aria-labelledby="appearance-title">
            <h2 id="appearance-title">"Appearance"</h2>
            <p class="hint">"Kept in this browser, for whoever uses it."</p>
            <Choice legend="Colours" options=&[("", "As the system has it"), (LIGHT, "Light"), (DARK, "Dark")] />
            <Choice legend="Contrast" options=&[("", "As the system has it"), (CONTRAST, "High")] />
            <Choice legend="Rows of the list" options=&[("", "Comfortable"), (COMPACT, "Compact")] />
            <Choice legend="First steps" options=&[("", "On the home page, until they are done"), (NO_FIRST_STEPS, "Hidden")] />
        </section>
    }
}

/// One of some words; the first option stands for none of them.
#[component]
fn Choice(legend: &'static str, options: &'static [(&'static str, &'static str)]) -> impl IntoView {
    let preferences = use_preferences();
    let words: StoredValue<Vec<&str>> = StoredValue::new(options.iter().map(|(word, _)| *word).collect());
    let is_chosen = move |word: &'static str| {
        if word.is_empty() {
            !words.with_value(|words| words.iter().any(|word| preferences.has(word)))
        } else {
            preferences.has(word)
        }
    };
    let options = options.iter().map(|&(word, text)| {
        view! {
            <label class="choice">
                <input type="radio" name=legend prop:checked=move || is_chosen(word)
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
