//! Live events.

use std::sync::Arc;
use std::time::Duration;

use app::secret::api::SetEnabled;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use vault::BatchId;

use super::api::add;
use super::fixture::*;

impl World {
    async fn listen(&self, cookie: &str, after: &str) -> (StatusCode, Body) {
        let request = Request::get(format!("/api/live?after={after}")).header(header::COOKIE, cookie);
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        (answer.status(), answer.into_body())
    }
}

/// The next event of a stream; `None` at its end.
async fn heard(stream: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(20), stream.frame()).await.expect("heard in time");
    frame.map(|frame| String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

/// The next event that something has changed. A server that has just begun to listen tells everybody to look.
async fn changed(stream: &mut Body) -> String {
    loop {
        let event = heard(stream).await.expect("not the end");
        if event.contains("data: changed") {
            return event;
        }
        assert!(event.contains("data: look"), "{event}");
    }
}

#[tokio::test]
async fn a_page_hears_of_what_concerns_its_person_until_they_are_signed_out() {
    let world = World::with(&["founder", "ana", "bruno"]).await;
    assert_eq!(world.listen("", "").await.0, StatusCode::UNAUTHORIZED);
    let (live, backend) = (Arc::clone(&world.live), Arc::clone(&world.backend));
    let task = tokio::spawn(async move { live.listen(&backend).await });
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let one = add(&world, &ana, "one").await;
    // Whoever has missed something is told at once, and whoever has not hears what comes.
    let (status, mut behind) = world.listen(&ana.cookie, "").await;
    assert_eq!(status, StatusCode::OK);
    let missed = heard(&mut behind).await.unwrap();
    assert!(missed.contains("data: look"), "{missed}");
    let id = world.backend.store.as_of().await.unwrap().event.unwrap().simple().to_string();
    let (_, mut page) = world.listen(&ana.cookie, &id).await;
    let (_, mut other) = world.listen(&bruno.cookie, &id).await;
    let disable = SetEnabled { batch: BatchId::random(), secrets: vec![one], enabled: false };
    assert_eq!(world.call("set_enabled", &ana.cookie, &disable).await.status, StatusCode::OK);
    changed(&mut page).await;
    world.call_raw("sign_out", &ana.cookie, Vec::new()).await;
    // Whoever is signed out is told to look once more, and nothing else.
    while let Some(event) = heard(&mut page).await {
        assert!(event.contains("data: look"), "{event}");
    }
    // Of Ana's secret he hears nothing; the first that he hears is of his own.
    let two = add(&world, &bruno, "two").await;
    let last = world.backend.store.as_of().await.unwrap().event.unwrap();
    let first = changed(&mut other).await;
    assert!(first.contains(&last.simple().to_string()), "{first}");
    let disable = SetEnabled { batch: BatchId::random(), secrets: vec![two], enabled: false };
    assert_eq!(world.call("set_enabled", &bruno.cookie, &disable).await.status, StatusCode::OK);
    changed(&mut other).await;
    world.live.stop();
    assert_eq!(heard(&mut other).await, None);
    task.abort();
}

#[tokio::test]
async fn one_person_has_not_too_many_pages() {
    let world = World::with(&["founder", "ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let mut pages = Vec::new();
    for _ in 0..32 {
        pages.push(world.listen(&ana.cookie, "").await);
    }
    assert!(pages.iter().all(|(status, _)| *status == StatusCode::OK));
    assert_eq!(world.listen(&ana.cookie, "").await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.listen(&bruno.cookie, "").await.0, StatusCode::OK);
    pages.pop();
    assert_eq!(world.listen(&ana.cookie, "").await.0, StatusCode::OK);
}
