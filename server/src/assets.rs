//! The built web application: what may run in it, and how long browsers keep it.

use std::fmt::Write as _;
use std::path::Path;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::config::Fault;

/// The content security policy of a page: scripts of ours by name, the one inline script that starts the WASM by its hash.
pub(crate) fn content_security_policy(assets: &Path) -> Result<HeaderValue, Fault> {
    let path = assets.join("index.html");
    let page =
        std::fs::read_to_string(&path).map_err(|error| Fault(format!("MYSAFE_ASSETS: {}: {error}", path.display())))?;
    let mut hashes = String::new();
    for script in inline_scripts(&page) {
        // Writing to a string does not fail.
        let _ = write!(hashes, " 'sha256-{}'", STANDARD.encode(Sha256::digest(script)));
    }
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; img-src 'self'; connect-src 'self'; \
         font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types default"
    );
    HeaderValue::from_str(&policy).map_err(Fault::new)
}

/// The text of every `<script>` that has no `src`.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(text)
    })
}

/// Files with a hash in their name never change; everything else is asked for again each time.
pub(crate) fn cache(path: &str, response: &mut Response) {
    let hashed = path.rsplit('/').next().is_some_and(|file| {
        file.split(['-', '.', '_'])
            .any(|part| (13..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    let policy =
        if hashed && response.status().is_success() { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_inline_scripts_by_their_hash_and_allows_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let page = r#"<script src="/a.js"></script><script type="module">alert(1)</script>"#;
        std::fs::write(folder.path().join("index.html"), page).unwrap();
        let policy = content_security_policy(folder.path()).unwrap();
        let policy = policy.to_str().unwrap();
        assert!(policy.contains(" 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"), "{policy}");
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(policy.matches("sha256-").count(), 1);
    }

    #[test]
    fn only_files_with_a_hash_in_their_name_are_kept_for_good() {
        let kept = |path: &str| {
            let mut response = Response::default();
            cache(path, &mut response);
            response.headers()[header::CACHE_CONTROL] != "no-cache"
        };
        assert!(kept("/app-1b524cccc7dc8930_bg.wasm"));
        // Leading zeros of a hash are left out.
        assert!(kept("/main-feff5da3394c655.css"));
        for path in [
            "/",
            "/index.html",
            "/robots.txt",
            "/sw.js",
            "/manifest.webmanifest",
            "/icons/icon-192.png",
            "/secrets/00000000-0000-4000-8000-000000000001",
        ] {
            assert!(!kept(path), "{path}");
        }
    }
}
