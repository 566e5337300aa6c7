//! The way from a screen to what the documentation says of it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

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
        ["activity", ..] => "guide.html#taking-it-back",
        ["groups", ..] => "guide.html#groups",
        ["account"] => "guide.html#your-account",
        ["people", ..] => "administration.html",
        ["audit"] => "administration.html#who-did-what",
        _ => "guide.html",
    }
}

/// What the documentation says of this screen, in a page of its own: what is open here stays.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let path = use_location().pathname;
    view! {
        <a class="help" href=move || format!("/docs/{}", path.with(|path| about(path))) target="_blank" rel="noopener" title="Help for this screen, in a new tab">"Help"</a>
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
            let (page, heading) = about(path).split_once('#').unwrap_or((about(path), ""));
            let file = format!("{}/../docs/{}", env!("CARGO_MANIFEST_DIR"), page.replace(".html", ".md"));
            let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
            let headings: Vec<String> = text.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect();
            assert!(heading.is_empty() || headings.iter().any(|known| known == heading), "{path}: {page}#{heading}");
        }
    }
}
