use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::error::AppError;
use crate::language::translate;

/// A labelled line of text, with its hint and its error where a screen reader finds them.
#[component]
pub(crate) fn Field(
    /// The accessible name, and what errors of this field are addressed to.
    label: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// The last error of the form, of this field or another.
    error: RwSignal<Option<AppError>>,
    /// What helps to fill it in.
    #[prop(optional)]
    hint: &'static str,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The id of a list of texts to choose from.
    #[prop(optional)]
    list: Option<&'static str>,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// How many lines it shows; one that takes no line breaks where there are none.
    #[prop(optional)]
    lines: u8,
    /// Whether the text cannot be read over a shoulder.
    #[prop(optional)]
    masked: bool,
) -> impl IntoView {
    let id = format!("field-{}", label.to_lowercase().replace(' ', "-"));
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let reason = move || match error.get() {
        Some(AppError::Invalid { field, reason }) if field == label => Some(translate(&reason).to_owned()),
        _ => None,
    };
    // Whoever sent the form is taken to what does not fit.
    let input_id = id.clone();
    Effect::new(move || {
        if reason().is_some()
            && let Some(input) = document().get_element_by_id(&input_id)
            && let Ok(input) = input.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = input.focus();
        }
    });
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        let hint = (!hint.is_empty()).then_some(hint_id);
        move || if reason().is_some() { Some(error_id.clone()) } else { hint.clone() }
    };
    let invalid = move || reason().is_some().then_some("true");
    let input = if lines > 0 {
        view! {
            <textarea id=id.clone() rows=lines.to_string() class:masked=masked spellcheck="false" autocomplete=autocomplete aria-required=required.to_string() aria-invalid=invalid
                aria-describedby=described bind:value=value></textarea>
        }
        .into_any()
    } else {
        view! {
            <input id=id.clone() type=kind autocomplete=autocomplete aria-required=required.to_string() aria-invalid=invalid
                aria-describedby=described list=list bind:value=value spellcheck="false" autocapitalize="none" />
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for=id class:required=required>{translate(label)}</label>
            {input}
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || reason().map(|reason| view! { <p class="error" id=error_id.clone()>{reason}</p> })}
        </div>
    }
}

/// The error of a whole form, announced when it comes.
#[component]
pub(crate) fn FormError(
    /// The last error of the form.
    error: RwSignal<Option<AppError>>,
) -> impl IntoView {
    move || error.get().map(|error| view! { <p class="form-error" role="alert">{error.to_string()}</p> })
}
