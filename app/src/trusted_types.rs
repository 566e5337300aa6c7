//! Trusted Types: where the browser has them, no text becomes markup or a script but what passes here (<https://www.w3.org/TR/trusted-types/>). The views'
//! own markup is made of fixed texts, and what people write is never markup. This is a second net behind the content security policy: it refuses what is known to run
//! a script, and passes what is known to be harmless and what it does not know.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

/// The one script that is loaded by its address: the service worker, which `scripts/worker` makes.
pub(crate) const WORKER: &str = "/sw.js";

/// What runs a script or loads a document, as elements and in attributes.
const REFUSED: [&str; 9] =
    ["<script", "<iframe", "<object", "<embed", "<base", "<meta", "<link", "javascript:", "srcdoc"];

/// Makes the policy for everything that becomes markup from now on. To be called once, before anything is shown.
pub fn guard_markup() {
    let Ok(factory) = Reflect::get(&window(), &"trustedTypes".into()) else { return };
    let Ok(create) = Reflect::get(&factory, &"createPolicy".into()) else { return };
    let Ok(create) = create.dyn_into::<Function>() else { return };
    let rules = Object::new();
    let passing = |rule: fn(&str) -> bool| {
        // What is answered with null the browser refuses.
        let pass = move |text: String| if rule(&text) { JsValue::from(text) } else { JsValue::NULL };
        Closure::<dyn Fn(String) -> JsValue>::new(pass).into_js_value()
    };
    for (name, rule) in [("createHTML", is_inert as fn(&str) -> bool), ("createScriptURL", is_worker)] {
        let _ = Reflect::set(&rules, &name.into(), &passing(rule));
    }
    // Refused where there is one already; then that one stands.
    let _ = create.call2(&factory, &"default".into(), &rules);
}

fn is_worker(address: &str) -> bool {
    address == WORKER
}

/// Whether markup has nothing in it that is known to run a script.
fn is_inert(html: &str) -> bool {
    let html = html.to_ascii_lowercase();
    !REFUSED.iter().any(|refused| html.contains(refused)) && !has_handler(&html)
}

/// Whether there is an attribute like `onclick=`.
fn has_handler(html: &str) -> bool {
    html.match_indices("on").any(|(at, _)| {
        let before = html[..at].chars().next_back();
        let rest = html[at..].trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
        before.is_some_and(|before| !before.is_ascii_alphanumeric() && before != '-')
            && rest.trim_start().starts_with('=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_views_passes_and_what_runs_does_not() {
        for html in [
            "<h1>API secrets</h1>",
            r#"<svg viewBox="0 0 24 24"><path d="M1 2"></path></svg>"#,
            r#"<p class="hint">Goes on once it is there, on its own = fine</p>"#,
            r#"<button class="button" data-on="1" aria-controls="x">Share</button>"#,
        ] {
            assert!(is_inert(html), "{html}");
        }
        for html in [
            "<img src=x onerror=alert(1)>",
            "<img src=x\nONERROR = alert(1)>",
            "<svg/onload=alert(1)>",
            r#"<a href="x"onclick="alert(1)">"#,
            "<SCRIPT>alert(1)</SCRIPT>",
            r#"<a href="JavaScript:alert(1)">"#,
            r#"<iframe srcdoc="x">"#,
        ] {
            assert!(!is_inert(html), "{html}");
        }
        assert!(is_worker("/sw.js") && !is_worker("https://elsewhere.example/sw.js"));
    }
}
