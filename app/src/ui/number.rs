use crate::language::locale;

/// A count as people read it: 85,714. As the browser writes numbers in the language of the page.
pub(crate) fn number(count: usize) -> String {
    // Tests run outside of a browser.
    if cfg!(target_arch = "wasm32") && count > 999 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let number = js_sys::Number::from(count as f64);
        return number.to_locale_string(&locale()).into();
    }
    count.to_string()
}
