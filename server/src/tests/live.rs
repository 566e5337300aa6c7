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

#[tokio::test]
async fn a_page_hears_of_what_concerns_its_person_until_they_are_signed_out() {
    let world = World::with(&["founder", "ana", "bruno"]).await;
    assert_eq!(world.listen("", "").await.0, StatusCode::UNAUTHORIZED);
    let (live, backend) = (Arc::clone(&world.live), Arc::clone(&world.backend));
    let task = tokio::spawn(async move { live.listen(&backend).await });
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let one = add(&world, &ana, "one").await;
    // Whoever has missed something is told at once, and whoever has not hears what comes.
    let (status, mut behind) = world.listen(&ana.cookie, "0").await;
    assert_eq!(status, StatusCode::OK);
    let missed = heard(&mut behind).await.unwrap();
    let id = missed.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    assert!(missed.contains("data: changed"), "{missed}");
    let (_, mut page) = world.listen(&ana.cookie, &id).await;
    let (_, mut other) = world.listen(&bruno.cookie, &id).await;
    let disable = SetEnabled { batch: BatchId::random(), secrets: vec![one], enabled: false };
    assert_eq!(world.call("set_enabled", &ana.cookie, &disable).await.status, StatusCode::OK);
    assert!(heard(&mut page).await.unwrap().contains("data: changed"));
    world.call_raw("sign_out", &ana.cookie, Vec::new()).await;
    // The next event is one too many for a session that is over.
    let disable =
        SetEnabled { batch: BatchId::random(), secrets: vec![add(&world, &bruno, "two").await], enabled: false };
    assert_eq!(world.call("set_enabled", &bruno.cookie, &disable).await.status, StatusCode::OK);
    // Of Ana's secret he hears nothing; the first that he hears is of his own.
    let first = heard(&mut other).await.unwrap();
    assert!(first.contains("data: changed") && !first.contains(&id), "{first}");
    world.live.stop();
    while heard(&mut other).await.is_some() {}
    assert_eq!(heard(&mut page).await, None);
    task.abort();
}
