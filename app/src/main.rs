//! Starts the application in the browser.
use leptos::prelude::*;
fn main() {
    mount_to_body(|| view! { <p>"Hello"</p> });
}
