//! The way from a screen or dialog to what the documentation says of it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::language::t;

// Where the documentation is about what has no address.
pub(crate) const ACCESS_KEYS: &str = "programs.html";
pub(crate) const ACCOUNT: &str = "guide.html#your-account";
pub(crate) const ADMINISTRATION: &str = "administration.html";
pub(crate) const GROUPS: &str = "guide.html#groups";
pub(crate) const INVITING: &str = "administration.html#bringing-somebody-in";
pub(crate) const KEYS: &str = "administration.html#who-has-which-key";
pub(crate) const LOST_PASSWORD: &str = "administration.html#when-somebody-forgets-the-password";
pub(crate) const TAKING_BACK: &str = "guide.html#taking-it-back";
pub(crate) const TRANSFER: &str = "guide.html#another-owner";
pub(crate) const UNCONFIRMED_KEYS: &str = "administration.html#when-mysafe-says-no";

/// The page of the documentation about a screen, and where on it; `scripts/docs.mjs` makes it of a file of docs/.
fn about(path: &str) -> &'static str {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments[..] {
        ["secrets"] => "guide.html#sharing-many-at-once",
        ["secrets", "import" | "export"] => "import.html",
        ["secrets", "new"] | ["secrets", _, "edit"] => "guide.html#adding-api-secrets",
        ["secrets", "bin"] => "guide.html#the-bin",
        ["secrets", "rotate"] => "guide.html#rotating",
        ["secrets", ..] => "guide.html#details",
        ["activity", ..] => TAKING_BACK,
        ["groups", ..] => GROUPS,
        ["account"] => ACCOUNT,
        ["people", "access-keys"] => ACCESS_KEYS,
        ["people", ..] => ADMINISTRATION,
        ["audit"] => "administration.html#who-did-what",
        _ => "guide.html",
    }
}

/// What the documentation says of this screen, in a page of its own: what is open here stays.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let path = use_location().pathname;
    view! {
        <a class="help" href=move || format!("/docs/{}", path.with(|path| about(path))) target="_blank" rel="noopener" title=t!("Help for this screen, in a new tab")>{t!("Help")}</a>
    }
}

/// The same for a dialog, or a page before the sign-in. It comes last there: nobody has to pass it.
#[component]
pub(crate) fn HowThisWorks(
    /// One of the places above.
    about: &'static str,
) -> impl IntoView {
    view! {
        <p class="hint"><a href=format!("/docs/{about}") target="_blank" rel="noopener" title=t!("In a new tab")>{t!("How this works")}</a></p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `scripts/docs.mjs` makes it.
    fn anchor(heading: &str) -> String {
        let plain: String = heading
            .to_lowercase()
            .chars()
            .filter(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || *char == ' ')
            .collect();
        plain.trim().replace(' ', "-")
    }

    fn is_there(place: &str) -> bool {
        let (page, heading) = place.split_once('#').unwrap_or((place, ""));
        let file = format!("{}/../docs/{}", env!("CARGO_MANIFEST_DIR"), page.replace(".html", ".md"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut headings = text.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor);
        heading.is_empty() || headings.any(|known| known == heading)
    }

    #[test]
    fn every_dialog_leads_to_a_heading_that_is_there() {
        for place in
            [ACCOUNT, ADMINISTRATION, GROUPS, INVITING, KEYS, LOST_PASSWORD, TAKING_BACK, TRANSFER, UNCONFIRMED_KEYS]
        {
            assert!(is_there(place), "{place}");
        }
    }

    #[test]
    fn every_screen_leads_to_a_heading_that_is_there() {
        for path in [
            "/",
            "/secrets",
            "/secrets/new",
            "/secrets/import",
            "/secrets/export",
            "/secrets/bin",
            "/secrets/rotate",
            "/secrets/00000000-0000-4000-8000-000000000001",
            "/secrets/00000000-0000-4000-8000-000000000001/edit",
            "/activity",
            "/activity/colleague",
            "/groups",
            "/account",
            "/people",
            "/audit",
        ] {
            assert!(is_there(about(path)), "{path}: {}", about(path));
        }
    }
}
