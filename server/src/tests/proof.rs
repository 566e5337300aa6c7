use app::account::api::{BeginSignIn, Challenge};
use app::account::own::api::{Proof, ProveAgain};
use app::error::AppError;
use app::people::api::SetRole;
use app::secret::api::OpenSecret;
use axum::http::StatusCode;
use vault::{LoginAttempt, SecretId};

use super::fixture::*;

impl World {
    /// What shows that somebody knows their password.
    async fn proof(&self, username: &str) -> Proof {
        let (attempt, request) = LoginAttempt::start(PASSWORD).unwrap();
        let begun = self.call("begin_sign_in", "", &BeginSignIn { username: username.into(), request }).await;
        let challenge: Challenge = begun.read();
        let (message, _) = attempt.finish(PASSWORD, &challenge.message).unwrap();
        Proof { token: challenge.token, message }
    }

    async fn prove(&self, visitor: &Visitor, proof: &Proof) -> StatusCode {
        self.call("prove_again", &visitor.cookie, &ProveAgain { proof: proof.clone() }).await.status
    }
}

#[tokio::test]
async fn a_session_alone_makes_nobody_an_administrator() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let as_member = SetRole { id: bruno.keys.account(), administrator: false, mandate: None };
    let refused = world.call("set_role", &ana.cookie, &as_member).await;
    assert_eq!((refused.status, refused.read::<AppError>()), (StatusCode::FORBIDDEN, AppError::ProofNeeded));
    // Somebody else's password shows nothing of Ana, and no proof counts twice.
    assert_eq!(world.prove(&ana, &world.proof("bruno").await).await, StatusCode::FORBIDDEN);
    let proof = world.proof("ana").await;
    assert_eq!(world.prove(&ana, &proof).await, StatusCode::OK);
    assert_eq!(world.call("set_role", &ana.cookie, &as_member).await.status, StatusCode::OK);
    assert_eq!(world.prove(&ana, &proof).await, StatusCode::FORBIDDEN);
    // It counts for that session alone.
    let elsewhere = world.sign_in("ana").await;
    let refused = world.call("set_role", &elsewhere.cookie, &as_member).await;
    assert_eq!(refused.read::<AppError>(), AppError::ProofNeeded);
}

#[tokio::test]
async fn whoever_opens_one_secret_after_the_other_has_to_show_that_it_is_they() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let open = async |visitor: &Visitor| {
        let asked = OpenSecret { id: SecretId::random() };
        world.call("open_secret", &visitor.cookie, &asked).await.read::<AppError>()
    };
    for _ in 0..60 {
        assert_eq!(open(&ana).await, AppError::NotFound);
    }
    assert_eq!(open(&ana).await, AppError::ProofNeeded);
    assert_eq!(open(&bruno).await, AppError::NotFound);
    assert_eq!(world.prove(&ana, &world.proof("ana").await).await, StatusCode::OK);
    for _ in 0..60 {
        assert_eq!(open(&ana).await, AppError::NotFound);
    }
}
