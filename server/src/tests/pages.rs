use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::fixture::*;

#[tokio::test]
async fn pages_files_and_what_is_missing() {
    let world = World::new().await;
    for path in ["/", "/secrets", "/secrets/00000000-0000-4000-8000-000000000001/edit"] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"<title>MySafe</title>"[..]), "{path}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache");
    }
    let file = world.get("/app-0123456789abcdef.js").await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    for path in ["/app-ffffffffffffffff.js", "/../Cargo.toml", "/api/no/such", "/favicon.ico"] {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let world = World::new().await;
    for path in ["/", "/healthz", "/missing.js", "/api/list_secrets"] {
        let headers = world.get(path).await.headers;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
    }
}

#[tokio::test]
async fn what_is_installed_is_asked_for_again_each_time() {
    let world = World::new().await;
    for (path, kind) in [("/sw.js", "text/javascript"), ("/manifest.webmanifest", "application/manifest+json")] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], kind);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache");
        // Which files a worker may load is up to the policy that it came with.
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("connect-src 'self';") && policy.contains("worker-src 'self';"), "{policy}");
    }
}

#[tokio::test]
async fn health_says_alive_and_ready() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz").await.status, StatusCode::OK);
    let ready = world.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(ready.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn server_functions_take_posts_of_their_own_origin_and_encoding_alone() {
    let world = World::new().await;
    let request = |site: &str, kind: &str| {
        Request::post("/api/greet")
            .header(header::HOST, "safe.example.com")
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(world.send(request("same-origin", "application/x-postcard")).await.status, StatusCode::OK);
    assert_eq!(world.send(request("cross-site", "application/x-postcard")).await.status, StatusCode::FORBIDDEN);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json"] {
        assert_eq!(world.send(request("same-origin", kind)).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let get = Request::get("/api/greet").header(header::CONTENT_TYPE, "application/x-postcard");
    assert_eq!(world.send(get.body(Body::empty()).unwrap()).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
