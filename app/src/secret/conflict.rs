use leptos::html::Section;
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::value_view::MASK;
use crate::language::{t, translate};

/// A field of the form that somebody else has saved another text of.
#[derive(Clone)]
pub(super) struct Difference {
    label: &'static str,
    mine: RwSignal<String>,
    theirs: Zeroizing<String>,
    masked: bool,
}

impl Difference {
    pub(super) fn new(label: &'static str, mine: RwSignal<String>, theirs: &str) -> Self {
        Self { label, mine, theirs: theirs.to_owned().into(), masked: false }
    }

    /// The texts are not shown before somebody asks for it.
    pub(super) fn masked(self) -> Self {
        Self { masked: true, ..self }
    }

    pub(super) fn is_one(&self) -> bool {
        self.mine.with_untracked(|mine| *mine != *self.theirs)
    }
}

/// Both texts of every field that differs from what somebody else saved while the form was open, and the way to take theirs. The form keeps what the
/// person has written.
#[component]
pub(super) fn Conflict(
    /// Who saved.
    by: String,
    differences: Vec<Difference>,
) -> impl IntoView {
    let (shown, section) = (RwSignal::new(false), NodeRef::<Section>::new());
    // Whoever pressed Save is taken to why it was not done.
    Effect::new(move || {
        if let Some(section) = section.get() {
            let _ = section.focus();
        }
    });
    let has_masked = differences.iter().any(|difference| difference.masked);
    let line = move |difference: Difference| {
        let Difference { label, mine, theirs, masked } = difference;
        let visible = move || !masked || shown.get();
        let theirs = StoredValue::new(theirs);
        let own = StoredValue::new(Zeroizing::new(mine.get_untracked()));
        let is_taken = Memo::new(move |_| theirs.with_value(|theirs| mine.with(|mine| *mine == **theirs)));
        let other = move || if is_taken.get() { t!("Use yours") } else { t!("Use theirs") };
        let other_for = move || {
            let label = translate(label);
            if is_taken.get() { t!("Use yours for {label}", label) } else { t!("Use theirs for {label}", label) }
        };
        let text = move |text: &str| if visible() { text.to_owned() } else { MASK.to_owned() };
        view! {
            <tr>
                <th scope="row">{translate(label)}</th>
                <td>{move || theirs.with_value(|theirs| text(theirs))}</td>
                <td>{move || mine.with(|mine| text(mine))}</td>
                <td>
                    <button class="button" type="button" aria-label=other_for
                        on:click=move |_| mine.set(if is_taken.get_untracked() { own } else { theirs }.with_value(|text| text.to_string()))>
                        {other}
                    </button>
                </td>
            </tr>
        }
    };
    view! {
        <section class="banner conflict" tabindex="-1" node_ref=section aria-labelledby="conflict-title">
            <h2 id="conflict-title">{t!("{by} saved this API secret while you were editing it", by)}</h2>
            <p>{t!("Nothing is lost: what you have written is still in the form, and each client secret that was saved stays in the history. Keep yours or use theirs for each field, then save again.")}</p>
            <div class="scroll">
                <table class="plain" aria-label=t!("Differences")>
                    <thead><tr><th scope="col">{t!("Field")}</th><th scope="col">{t!("Theirs")}</th><th scope="col">{t!("Yours")}</th><th scope="col">{t!("Action")}</th></tr></thead>
                    <tbody>{differences.into_iter().map(line).collect_view()}</tbody>
                </table>
            </div>
            {has_masked.then(|| view! {
                <button class="button" type="button" aria-pressed=move || shown.get().to_string() on:click=move |_| shown.update(|shown| *shown = !*shown)>
                    {t!("Show what is sealed")}
                </button>
            })}
        </section>
    }
}
