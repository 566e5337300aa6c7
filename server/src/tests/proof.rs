use app::account::api::{BeginSignIn, Challenge};
use app::account::own::api::{Proof, ProveAgain};
use app::error::AppError;
use app::people::api::{Invite, NewInvitation, SetPersonEnabled, SetRole};
use app::restoration::api::Restored;
use app::secret::api::OpenSecret;
use axum::http::StatusCode;
use vault::{AccountId, Invitation, InvitationCode, LoginAttempt, SecretId};

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
async fn neither_does_it_by_other_names() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let refused = async |function, arguments: &[u8]| {
        let answer = world.call_raw(function, &ana.cookie, arguments.to_vec()).await;
        assert_eq!(
            (answer.status, answer.read::<AppError>()),
            (StatusCode::FORBIDDEN, AppError::ProofNeeded),
            "{function}"
        );
    };
    let disabled = SetPersonEnabled { id: ana.keys.account(), enabled: false };
    refused("set_person_enabled", &postcard::to_allocvec(&disabled).unwrap()).await;
    let restored = Restored { account: bruno.keys.account() };
    refused("restored", &postcard::to_allocvec(&restored).unwrap()).await;
    // Somebody who is there already starts over; who is new and no administrator can be invited.
    let (code, keys) = (InvitationCode::random(), &ana.keys);
    let until = u64::try_from(store::now_in_millis()).unwrap() + 24 * 60 * 60 * 1000;
    let new = |account, epoch, administrator| NewInvitation {
        invitation: Invitation::sign(&code, account, "carla", epoch, administrator, until, keys),
        email: "carla@example.com".into(),
        administrator,
        proof: code.proof().to_vec(),
        root: code.seal_root(account, &keys.root()),
    };
    let carla = AccountId::random();
    for new in [new(bruno.keys.account(), 2, false), new(carla, 1, true)] {
        refused("invite", &postcard::to_allocvec(&Invite { new }).unwrap()).await;
    }
    let invited = world.call("invite", &ana.cookie, &Invite { new: new(carla, 1, false) }).await;
    assert_eq!(invited.status, StatusCode::OK);
    refused("invite", &postcard::to_allocvec(&Invite { new: new(carla, 1, false) }).unwrap()).await;
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
