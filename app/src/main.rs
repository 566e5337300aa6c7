//! Starts the application in the browser.

fn main() {
    app::guard_markup();
    leptos::mount::mount_to_body(app::App);
}
