//! Starts the application in the browser.

fn main() {
    leptos::mount::mount_to_body(app::App);
}
