use app::account::api::BeginSignIn;
use app::account::recovery::BeginRecovery;
use app::error::AppError;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use vault::LoginAttempt;

use super::fixture::*;

const THROUGH: fn(&str) -> (&str, &str) = |client| (PROXY, client);

fn attempt(username: &str) -> BeginSignIn {
    let (_, request) = LoginAttempt::start(PASSWORD).unwrap();
    BeginSignIn { username: username.into(), request }
}

#[tokio::test]
async fn whoever_guesses_passwords_has_to_wait_and_keeps_nobody_else_out() {
    let world = World::with(&["ana", "bruno"]).await;
    let mut refused = 0;
    for _ in 0..30 {
        let answer = world.call_from(THROUGH("198.51.100.1"), "begin_sign_in", &attempt("ana")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.read::<AppError>(), AppError::TooManyAttempts);
            refused += 1;
        }
    }
    assert_eq!(refused, 10);
    let status = async |from, name| world.call_from(from, "begin_sign_in", &attempt(name)).await.status;
    // Whether there is somebody of a name or not: it is the same.
    assert_eq!(status(THROUGH("198.51.100.1"), "bruno").await, StatusCode::OK);
    assert_eq!(status(THROUGH("198.51.100.1"), "nobody").await, StatusCode::OK);
    assert_eq!(status(THROUGH("198.51.100.2"), "ana").await, StatusCode::OK);
    // A recovery code is one more guess of the same.
    let (_, request) = LoginAttempt::start(PASSWORD).unwrap();
    let recovery = BeginRecovery { username: "Ana".into(), proof: vec![1; 32], request };
    let answer = world.call_from(THROUGH("198.51.100.1"), "begin_recovery", &recovery).await;
    assert_eq!(answer.read::<AppError>(), AppError::TooManyAttempts);
}

#[tokio::test]
async fn nobody_counts_as_somebody_else_by_what_they_write() {
    let world = World::with(&["ana"]).await;
    // Not by the proxy: what it says of others is not believed.
    let mut answers = Vec::new();
    for client in 0..30 {
        let client = format!("198.51.100.{client}");
        answers.push(world.call_from(("192.0.2.7", &client), "begin_sign_in", &attempt("ana")).await.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count(), 10);
}

#[tokio::test]
async fn a_request_of_a_program_that_is_too_large_is_refused_in_words() {
    let world = World::new().await;
    let request = |path: &str| {
        let body = Body::from(vec![b' '; 5 * 1024 * 1024]);
        Request::post(path).header(header::CONTENT_TYPE, "application/json").body(body).unwrap()
    };
    let refused = world.send(request("/v1/secrets")).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(refused.headers[header::CACHE_CONTROL], "no-store");
    // A share has its items and its grants in it.
    let read = world.send(request("/v1/shares")).await;
    assert_eq!(read.status, StatusCode::BAD_REQUEST, "it is read, and is no JSON");
}
