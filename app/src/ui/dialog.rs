use leptos::html::Dialog as DialogElement;
use leptos::prelude::*;

/// A modal dialog: the browser keeps the focus inside, closes it on Esc and gives the focus back.
#[component]
pub(crate) fn Dialog(
    /// The accessible name and visible heading.
    #[prop(into)]
    title: Signal<String>,
    /// What Esc does. The dialog is gone once its parent no longer renders it.
    on_cancel: Callback<()>,
    /// Whether Esc is heard; not while something is under way that must not be left alone.
    #[prop(into, default = true.into())]
    can_cancel: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<DialogElement>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            // Fails only for a dialog that is open already.
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || {
        // Closing, and not only removing, gives the focus back to where it was.
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    });
    let id = format!("dialog-{}", title.get_untracked().to_lowercase().replace(' ', "-"));
    let heading = id.clone();
    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby=id
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                if can_cancel.get_untracked() {
                    on_cancel.run(());
                }
            }
        >
            <h2 id=heading>{title}</h2>
            {children()}
        </dialog>
    }
}
