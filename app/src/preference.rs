//! What people prefer in this browser: the language, colours, their contrast, how close the rows of lists are, which keys do something, and what they need no
//! more. No secret: the browser keeps it for whoever uses it next.

use leptos::prelude::*;

use crate::language::{self, Language};

/// The name they are kept under, and that of the attribute of the root element; the style sheets go by its words.
const KEPT_AS: &str = "preferences";
const ATTRIBUTE: &str = "data-preferences";

/// Colours, where the system's choice does not count.
pub(crate) const LIGHT: &str = "light";
pub(crate) const DARK: &str = "dark";
/// High contrast, also where the system does not ask for it.
pub(crate) const CONTRAST: &str = "contrast";
/// More rows on a screen.
pub(crate) const COMPACT: &str = "compact";
/// Single keys do nothing by themselves.
pub(crate) const NO_SINGLE_KEYS: &str = "no-single-keys";
/// The home page leads nobody to their first steps.
pub(crate) const NO_FIRST_STEPS: &str = "no-first-steps";

/// Any of the words above, with spaces between them.
#[derive(Clone, Copy)]
pub(crate) struct Preferences(RwSignal<String>);

/// Makes the preferences known to everything below, and follows what is chosen in other open pages; the language counts there when they are loaded again.
pub(crate) fn provide_preferences() -> Preferences {
    let preferences = Preferences(RwSignal::new(kept()));
    provide_context(preferences);
    Effect::new(move || {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute(ATTRIBUTE, &preferences.0.get());
        }
    });
    let _ = window_event_listener_untyped("storage", move |_| preferences.0.set(kept()));
    preferences
}

pub(crate) fn use_preferences() -> Preferences {
    expect_context()
}

impl Preferences {
    /// Whether a word was chosen.
    pub(crate) fn has(self, word: &str) -> bool {
        self.0.with(|words| has(words, word))
    }

    /// The language that was chosen, or else that of the browser.
    pub(crate) fn language(self) -> Language {
        let chosen = Language::ALL.into_iter().find(|language| self.has(language.tag()));
        chosen.unwrap_or_else(language::of_browser)
    }

    /// Keeps a language for the next time.
    pub(crate) fn choose_language(self, language: Language) {
        self.choose(&Language::ALL.map(Language::tag), language.tag());
    }

    /// The height of a row of the list, in pixels; `--row` in `style/tokens.css` is the same.
    pub(crate) fn row_height(self) -> usize {
        if self.has(COMPACT) { 32 } else { 44 }
    }

    /// Takes one of some words, or none of them, and keeps it.
    pub(crate) fn choose(self, among: &[&str], word: &str) {
        self.0.update(|words| *words = chosen(words, among, word));
        if let Some(storage) = storage() {
            // Where the browser keeps nothing, it counts until the page is closed.
            let _ = self.0.with_untracked(|words| storage.set_item(KEPT_AS, words));
        }
    }
}

fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|known| known == word)
}

/// The words with `word` in the place of those it is one of; an empty one takes their place by nothing.
fn chosen(words: &str, among: &[&str], word: &str) -> String {
    let others = words.split_whitespace().filter(|known| !among.contains(known));
    others.chain(Some(word).filter(|word| !word.is_empty())).collect::<Vec<_>>().join(" ")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn kept() -> String {
    storage().and_then(|storage| storage.get_item(KEPT_AS).ok().flatten()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_takes_the_place_of_what_it_excludes() {
        let colours = [LIGHT, DARK];
        assert_eq!(chosen("", &colours, DARK), "dark");
        assert_eq!(chosen("dark compact", &colours, LIGHT), "compact light");
        assert_eq!(chosen("compact light", &colours, ""), "compact");
        assert_eq!(chosen("compact", &[COMPACT], ""), "");
        assert!(has("compact light", LIGHT));
        assert!(!has("compact light", "comp"));
        assert!(!has("", ""));
    }
}
