use wasm_bindgen::{JsCast as _, JsValue};

/// Hands a text to the browser as a file to keep.
pub(crate) fn download(name: &str, kind: &str, parts: &[&str]) {
    // None of it fails in a browser that has a page.
    let _ = try_download(name, kind, parts);
}

fn try_download(name: &str, kind: &str, parts: &[&str]) -> Result<(), JsValue> {
    let pieces = js_sys::Array::new();
    for part in parts {
        pieces.push(&(*part).into());
    }
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&pieces, &options)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link = leptos::prelude::document().create_element("a")?;
    link.set_attribute("href", &address)?;
    link.set_attribute("download", name)?;
    link.unchecked_into::<web_sys::HtmlElement>().click();
    web_sys::Url::revoke_object_url(&address)
}
