//! The language of the page. Texts stand in the code in English and are marked there; `scripts/languages.mjs` finds them by these marks, and turns the catalogues in
//! `app/languages` into one file for each language, which the browser loads before anything is shown. English needs none.
//!
//! - `t!("Share")` is a text, `t!("Welcome, {name}", name)` one with something in it.
//! - `n!(count, "{n} record", "{n} records")` goes by a number, which is `{n}`.
//! - `text!("Name")` marks a text that is shown later, by [`translate`], and `text!("{n} record", "{n} records")` two of which [`counted`] shows one.
//! - `name!("Bitwarden JSON")` is the same in every language: what others call their products, and what programs read.

use std::cell::Cell;
use std::fmt::{Display, Write as _};

use leptos::prelude::*;

use crate::preference::Preferences;
use crate::ui::number;

/// A language that there is a catalogue of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Portuguese,
    Spanish,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::English, Self::Portuguese, Self::Spanish];

    /// As BCP 47 names it.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt-BR",
            Self::Spanish => "es",
        }
    }

    /// As those who speak it call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Portuguese => "Português (Brasil)",
            Self::Spanish => "Español",
        }
    }

    /// The first of the languages that somebody reads which there is.
    fn first_of(mut tags: impl Iterator<Item = String>) -> Self {
        tags.find_map(|tag| Self::ALL.into_iter().find(|language| language.is_of(&tag))).unwrap_or(Self::English)
    }

    /// Whether a tag names this language, as it is spoken anywhere.
    fn is_of(self, tag: &str) -> bool {
        // All of them have two letters.
        let rest = tag.get(2..).filter(|rest| rest.is_empty() || rest.starts_with('-'));
        rest.is_some() && tag[..2].eq_ignore_ascii_case(&self.tag()[..2])
    }
}

/// A text of the catalogue by the digest of the English one; in order.
type Catalogue = &'static [(u32, &'static str)];

thread_local! {
    static SPOKEN: Cell<(Language, Catalogue)> = const { Cell::new((Language::English, &[])) };
}

/// The language of the page.
pub(crate) fn spoken() -> Language {
    SPOKEN.get().0
}

/// What the browser writes numbers and times by: its own kind of the language of the page, such as en-GB.
pub(crate) fn locale() -> String {
    let language = spoken();
    browser_languages().find(|tag| language.is_of(tag)).unwrap_or_else(|| language.tag().into())
}

/// The first language of the browser that there is.
pub(crate) fn of_browser() -> Language {
    Language::first_of(browser_languages())
}

fn browser_languages() -> impl Iterator<Item = String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect::<Vec<_>>().into_iter()
}

/// How long is waited for a catalogue, in milliseconds.
const PATIENCE: u32 = 10_000;

/// The language that is shown; `None` until it is there.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    language: RwSignal<Option<Language>>,
    /// Counts what was asked for: the last of it is shown, whichever is here last.
    turn: StoredValue<u32>,
    /// Whether somebody has just picked it.
    picked: StoredValue<bool>,
    preferences: Preferences,
}

/// Gets the language that this browser prefers. What is shown goes by [`Shown::get`]. At the start that is English where a catalogue cannot be had.
pub(crate) fn provide_language(preferences: Preferences) -> Shown {
    let (turn, picked) = (StoredValue::new(0), StoredValue::new(false));
    let shown = Shown { language: RwSignal::new(None), turn, picked, preferences };
    provide_context(shown);
    let preferred = untrack(|| preferences.language());
    leptos::task::spawn_local(async move {
        match shown.load(preferred).await {
            Ok(Some(catalogue)) => shown.show(preferred, catalogue),
            Ok(None) => {}
            Err(NoCatalogue) => shown.show(Language::English, Vec::new()),
        }
    });
    shown
}

pub(crate) fn use_language() -> Shown {
    expect_context()
}

impl Shown {
    /// What is to be shown anew with each language.
    pub(crate) fn get(self) -> Option<Language> {
        self.language.get()
    }

    /// Whether there is one to show anything in.
    pub(crate) fn is_there(self) -> Memo<bool> {
        Memo::new(move |_| self.language.with(Option::is_some))
    }

    /// Shows the language that somebody picks, and keeps it as their choice, unless something else was asked for since. All is made anew then, also the field
    /// where it is picked.
    ///
    /// # Errors
    ///
    /// Where the catalogue cannot be had: everything stays as it is.
    pub(crate) async fn pick(self, language: Language) -> Result<(), NoCatalogue> {
        if let Some(catalogue) = self.load(language).await? {
            self.picked.set_value(true);
            self.preferences.choose_language(language);
            self.show(language, catalogue);
        }
        Ok(())
    }

    /// A language that was picked and is not here yet is not shown any more.
    pub(crate) fn give_up(self) {
        self.turn.update_value(|turn| *turn += 1);
    }

    /// Whether the focus belongs in the field where a language is picked, because somebody has just done so.
    pub(crate) fn take_focus(self) -> bool {
        self.picked.try_update_value(std::mem::take).unwrap_or_default()
    }

    /// The catalogue of a language; nothing where something else was asked for since.
    async fn load(self, language: Language) -> Result<Option<Vec<(u32, &'static str)>>, NoCatalogue> {
        self.give_up();
        let turn = self.turn.get_value();
        let catalogue = if language == Language::English { Some(Vec::new()) } else { load(language).await };
        if self.turn.get_value() == turn { catalogue.map(Some).ok_or(NoCatalogue) } else { Ok(None) }
    }

    fn show(self, language: Language, catalogue: Vec<(u32, &'static str)>) {
        // For as long as the page is open: texts may be shown until then.
        SPOKEN.set((language, catalogue.leak()));
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", language.tag());
        }
        self.language.set(Some(language));
    }
}

/// The texts of a language could not be loaded.
#[derive(Debug)]
pub(crate) struct NoCatalogue;

async fn load(language: Language) -> Option<Vec<(u32, &'static str)>> {
    let late = web_sys::AbortSignal::timeout_with_u32(PATIENCE);
    let request = gloo_net::http::Request::get(&format!("/language-{}.txt", language.tag())).abort_signal(Some(&late));
    let answer = request.send().await.ok()?;
    let text = if answer.ok() { answer.text().await.ok()? } else { return None };
    Some(parse(text.leak()))
}

/// A line for each text: the digest in eight hexadecimal digits, then the text.
fn parse(file: &'static str) -> Vec<(u32, &'static str)> {
    file.lines().filter_map(|line| Some((u32::from_str_radix(line.get(..8)?, 16).ok()?, line.get(8..)?))).collect()
}

/// A text of the code in the language of the page; itself where the catalogue does not have it.
pub(crate) fn translate(english: &str) -> &str {
    said(english, SEED)
}

#[inline(never)]
fn said(english: &str, seed: u32) -> &str {
    let (_, catalogue) = SPOKEN.get();
    if catalogue.is_empty() {
        return english;
    }
    let digest = digest(english, seed);
    catalogue.binary_search_by_key(&digest, |(digest, _)| *digest).map_or(english, |at| catalogue[at].1)
}

/// The offset basis of FNV-1a, and another one for texts of several: in English they may be the same as the text of one.
const SEED: u32 = 0x811c_9dc5;
const SEED_OF_MORE: u32 = SEED + 1;

/// 32-bit FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>), as in `scripts/languages.mjs`, which makes sure that no two texts have the same.
fn digest(text: &str, seed: u32) -> u32 {
    text.bytes().fold(seed, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Puts values in the place of their names in braces.
#[inline(never)]
pub(crate) fn fill(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, name)| Some((before, name.split_once('}')?)))
    {
        text.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            // Writing to a string does not fail.
            let _ = write!(text, "{value}");
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// Of two texts the one for a number.
#[inline(never)]
pub(crate) fn plural<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    // As the heads of the catalogues say: in Portuguese none is singular.
    let is_one = count == 1 || (count == 0 && spoken() == Language::Portuguese);
    if is_one { translate(one) } else { said(more, SEED_OF_MORE) }
}

/// A text that goes by a number and has nothing else in it.
pub(crate) fn counted(count: usize, one: &str, more: &str) -> String {
    fill(plural(count, one, more), &[("n", &number(count))])
}

/// A number, and how it is said; for lists of them.
pub(crate) type Counted = (usize, fn(usize) -> String);

/// A text of the code in the language of the page.
macro_rules! t {
    ($text:literal) => {
        $crate::language::translate($text)
    };
    ($text:literal, $($values:tt)+) => {
        $crate::language::fill($crate::language::translate($text), $crate::language::values!([] $($values)+))
    };
}

/// A text that goes by a number, which is `{n}` in it.
macro_rules! n {
    ($count:expr, $one:literal, $more:literal $(, $($values:tt)*)?) => {{
        let count: usize = $count;
        let n = $crate::ui::number(count);
        $crate::language::fill($crate::language::plural(count, $one, $more), $crate::language::values!([("n", &n),] $($($values)*)?))
    }};
}

/// Marks a text that is shown later, by [`translate`]; or two, by [`counted`].
macro_rules! text {
    ($text:literal) => {
        $text
    };
    ($one:literal, $more:literal $(,)?) => {
        ($one, $more)
    };
}

/// Marks what is the same in every language.
macro_rules! name {
    ($text:literal) => {
        $text
    };
}

/// `name` or `name = value`, with commas between them, as [`fill`] takes them.
macro_rules! values {
    ([$($done:tt)*]) => { &[$($done)*] };
    ([$($done:tt)*] $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::language::values!([$($done)* (stringify!($name), &$value),] $($($rest)*)?)
    };
    ([$($done:tt)*] $name:ident $(, $($rest:tt)*)?) => {
        $crate::language::values!([$($done)* (stringify!($name), &$name),] $($($rest)*)?)
    };
}

pub(crate) use {n, name, t, text, values};

#[cfg(test)]
mod tests {
    use super::*;

    fn speak(language: Language, file: &'static str) {
        SPOKEN.set((language, parse(file).leak()));
    }

    #[test]
    fn without_a_catalogue_texts_are_english() {
        let name = "Ana";
        assert_eq!(t!("Share"), "Share");
        assert_eq!(t!("Welcome, {name}", name), "Welcome, Ana");
        assert_eq!(n!(1, "{n} record of {name}", "{n} records of {name}", name), "1 record of Ana");
        assert_eq!(n!(2, "{n} record", "{n} records"), "2 records");
        assert_eq!(n!(0, "{n} record", "{n} records"), "0 records");
    }

    #[test]
    fn texts_come_from_the_catalogue_and_what_it_lacks_stays_english() {
        let [share, welcome, one] = ["Share", "{name} sees {what}", "{n} record"].map(|text| digest(text, SEED));
        let more = digest("{n} records", SEED_OF_MORE);
        let mut lines = [
            format!("{share:08x}Compartilhar"),
            format!("{welcome:08x}{{what}}: visto por {{name}}"),
            format!("{one:08x}{{n}} registro"),
            format!("{more:08x}{{n}} registros"),
        ];
        lines.sort();
        speak(Language::Portuguese, lines.join("\n").leak());
        assert_eq!(t!("Share"), "Compartilhar");
        assert_eq!(t!("Unshare"), "Unshare");
        // What people write is put in as it is.
        assert_eq!(t!("{name} sees {what}", name = "{what}", what = 3), "3: visto por {what}");
        assert_eq!(n!(0, "{n} record", "{n} records"), "0 registro");
        assert_eq!(n!(1, "{n} record", "{n} records"), "1 registro");
        assert_eq!(n!(2, "{n} record", "{n} records"), "2 registros");
        speak(Language::Spanish, "");
        assert_eq!(n!(0, "{n} record", "{n} records"), "0 records");
    }

    #[test]
    fn the_first_language_that_there_is_counts() {
        let first = |tags: &[&str]| Language::first_of(tags.iter().map(|tag| (*tag).to_owned()));
        assert_eq!(first(&["pt"]), Language::Portuguese);
        assert_eq!(first(&["pt-PT", "en"]), Language::Portuguese);
        assert_eq!(first(&["fr-CA", "es-419", "en"]), Language::Spanish);
        assert_eq!(first(&["EN-gb", "es"]), Language::English);
        assert_eq!(first(&["est"]), Language::English);
        assert_eq!(first(&[]), Language::English);
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        // From the test vectors of its authors.
        assert_eq!(digest("", SEED), 0x811c_9dc5);
        assert_eq!(digest("a", SEED), 0xe40c_292c);
        assert_eq!(digest("foobar", SEED), 0xbf9c_f968);
    }
}
