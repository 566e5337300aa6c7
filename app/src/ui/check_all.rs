use leptos::prelude::*;

/// How much of a list is ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    None,
    Some,
    All,
}

impl Extent {
    /// So many of so many.
    pub(crate) fn of(ticked: usize, total: usize) -> Self {
        match ticked {
            0 => Self::None,
            count if count >= total => Self::All,
            _ => Self::Some,
        }
    }
}

/// The checkbox that stands for all of a list: on, off, or between the two.
#[component]
pub(crate) fn CheckAll(
    /// The accessible name; none where a label is around it.
    #[prop(optional)]
    label: Option<&'static str>,
    /// How much is ticked.
    #[prop(into)]
    extent: Signal<Extent>,
    /// Whether there is nothing to tick.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Somebody presses it.
    toggle: Callback<()>,
) -> impl IntoView {
    view! {
        <input type="checkbox" aria-label=label disabled=move || disabled.get() prop:checked=move || extent.get() == Extent::All
            prop:indeterminate=move || extent.get() == Extent::Some on:change=move |_| toggle.run(()) />
    }
}
