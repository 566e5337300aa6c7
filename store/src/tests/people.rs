use vault::{AccountId, Directory, Entry, Invitation, InvitationCode, Mandate, Vouch};

use super::fixture::*;
use crate::*;

pub(super) const DAY: u64 = 24 * 60 * 60 * 1000;

pub(super) fn now_millis() -> u64 {
    u64::try_from(clock::millis(&clock::now())).unwrap()
}

/// An invitation as an administrator's client makes it.
pub(super) fn invitation(by: &Person, username: &str, role: Role, days: u64) -> (InvitationCode, NewInvitation) {
    invitation_for(by, (AccountId::random(), 1), username, role, days)
}

/// An invitation for one set of keys of an account.
pub(super) fn invitation_for(
    by: &Person,
    (account, epoch): (AccountId, u64),
    username: &str,
    role: Role,
    days: u64,
) -> (InvitationCode, NewInvitation) {
    let code = InvitationCode::random();
    let (administrator, until) = (role == Role::Administrator, now_millis() + days * DAY);
    let new = NewInvitation {
        invitation: Invitation::sign(&code, account, username, epoch, administrator, until, &by.keys),
        email: format!("{username}@example.com"),
        role,
        proof: code.proof().to_vec(),
        root: code.seal_root(account, &by.keys.root()),
    };
    (code, new)
}

/// What the client of somebody who has the link makes.
pub(super) async fn accept(world: &World, code: &InvitationCode) -> (Person, AcceptedInvitation) {
    let open = world.store.open_invitation(&code.proof()).await.unwrap();
    let account = open.invitation.account;
    let (person, entry, sealed) = world.keys_for(account, &open.invitation.username);
    let entry = Entry { epoch: open.invitation.epoch, ..entry };
    assert_eq!(code.open_root(account, &open.root).unwrap(), world.founder.keys.root());
    let acceptance = code.accept(&entry);
    let keys = NewKeys { password_file: vec![1; 9], sealed, recovery: None };
    (person, AcceptedInvitation { name: "New Person".into(), entry, acceptance, keys })
}

#[tokio::test]
async fn who_was_invited_joins_once_and_is_vouched_for_by_the_invitation_then_by_the_administrator() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (code, new) = invitation(&world.founder, "bruno", Role::Member, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    // Not there to share with before there are keys.
    let hits = world.store.find_recipients(ana.id, "bruno", Sought::All).await.unwrap();
    assert!(!hits[0].active);
    let (bruno, accepted) = accept(&world, &code).await;
    let recipient = vault::RecipientId::Account(bruno.id);
    let refused = problems(world.store.recipient_keys(ana.id, &[recipient]).await);
    assert_eq!(refused[0].reason, Reason::NotActive);
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    assert_eq!(world.store.account(bruno.id).await.unwrap().name, "New Person");
    // The same once more, after a lost connection, changes nothing; other keys are not taken.
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    assert!(matches!(world.store.open_invitation(&code.proof()).await, Err(StoreError::NotFound)));

    let directory = Directory::new(&ana.keys.root(), &world.store.mandates().await.unwrap());
    let entries = world.store.recipient_keys(ana.id, &[recipient]).await.unwrap();
    assert!(directory.check_recipient(&entries[0], now_millis()).is_ok());
    assert!(directory.check_recipient(&entries[0], now_millis() + 8 * DAY).is_err(), "the invitation has ended");

    let unsigned = world.store.unsigned_entries(world.founder.id).await.unwrap();
    assert_eq!(unsigned.len(), 1);
    directory.check(&unsigned[0].0, now_millis()).unwrap();
    assert_eq!(unsigned[0].1, Role::Member);
    let signed = unsigned[0].0.entry.clone().sign(&world.founder.keys);
    world.store.sign_entry(world.founder.id, &signed, None).await.unwrap();
    assert!(world.store.unsigned_entries(world.founder.id).await.unwrap().is_empty());
    let entries = world.store.recipient_keys(ana.id, &[recipient]).await.unwrap();
    assert!(directory.check_recipient(&entries[0], now_millis() + 8 * DAY).is_ok());
}

#[tokio::test]
async fn links_that_are_old_used_or_altered_open_nothing() {
    let world = World::new().await;
    let (first, new) = invitation(&world.founder, "bruno", Role::Member, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    assert!(matches!(world.store.open_invitation(&InvitationCode::random().proof()).await, Err(StoreError::NotFound)));
    // Sent once more: the link from before is of no use.
    let second = InvitationCode::random();
    let again =
        Invitation::sign(&second, new.invitation.account, "bruno", 1, false, now_millis() + DAY, &world.founder.keys);
    let root = second.seal_root(again.account, &world.founder.keys.root());
    let again = NewInvitation { invitation: again, proof: second.proof().to_vec(), root, ..new };
    world.store.invite(world.founder.id, &again).await.unwrap();
    assert!(matches!(world.store.open_invitation(&first.proof()).await, Err(StoreError::NotFound)));
    // Keys that were not made with the link, or for somebody else, are not taken.
    let (_, accepted) = accept(&world, &second).await;
    let forged = AcceptedInvitation { acceptance: first.accept(&accepted.entry), ..accepted.clone() };
    assert!(matches!(world.store.accept_invitation(&second.proof(), &forged).await, Err(StoreError::Malformed(_))));
    let ana = world.person("ana").await;
    let mut other = accepted.clone();
    other.entry.account = ana.id;
    other.acceptance = second.accept(&other.entry);
    assert!(matches!(world.store.accept_invitation(&second.proof(), &other).await, Err(StoreError::Malformed(_))));
    // Ended.
    world.set(record::invitation(again.invitation.account), "expires_at", clock::in_seconds(-1)).await;
    assert!(matches!(world.store.open_invitation(&second.proof()).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.accept_invitation(&second.proof(), &accepted).await, Err(StoreError::NotFound)));
    assert_eq!(world.store.account(again.invitation.account).await.unwrap().status, Status::Invited);
}

#[tokio::test]
async fn only_administrators_invite_and_only_for_a_week() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (_, new) = invitation(&ana, "bruno", Role::Administrator, 7);
    assert!(matches!(world.store.invite(ana.id, &new).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.invite(world.founder.id, &new).await, Err(StoreError::Malformed(_))));
    let (_, long) = invitation(&world.founder, "bruno", Role::Member, 8);
    assert!(matches!(world.store.invite(world.founder.id, &long).await, Err(StoreError::Malformed(_))));
    let (_, mut altered) = invitation(&world.founder, "bruno", Role::Member, 7);
    altered.invitation.username = "carla".into();
    assert!(matches!(world.store.invite(world.founder.id, &altered).await, Err(StoreError::Malformed(_))));
    for (username, email, field) in [
        ("ANA", "x@example.com", "username"),
        ("other", "Ana@EXAMPLE.com", "email"),
        ("other", "ａna@example.com", "email"),
    ] {
        let (_, mut taken) = invitation(&world.founder, username, Role::Member, 7);
        taken.email = email.into();
        let result = world.store.invite(world.founder.id, &taken).await;
        assert!(matches!(result, Err(StoreError::Taken(found)) if found == field), "{username} {email}: {result:?}");
    }
    let (_, mut known) = invitation(&world.founder, "ana", Role::Member, 7);
    known.invitation =
        Invitation::sign(&InvitationCode::random(), ana.id, "ana", 1, false, now_millis() + DAY, &world.founder.keys);
    assert!(matches!(world.store.invite(world.founder.id, &known).await, Err(StoreError::Reused)));
    assert_eq!(world.count("account").await, 2);
}

#[tokio::test]
async fn a_signature_counts_only_from_an_administrator_for_the_keys_that_are_there() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (code, new) = invitation(&world.founder, "bruno", Role::Administrator, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    let (bruno, accepted) = accept(&world, &code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    let entry = accepted.entry;
    // Not their own: the role alone does not make a signature count.
    let by_himself = entry.clone().sign(&bruno.keys);
    assert!(matches!(world.store.sign_entry(bruno.id, &by_himself, None).await, Err(StoreError::NoMandate)));
    let (_, invites) = invitation(&bruno, "emil", Role::Member, 7);
    assert!(matches!(world.store.invite(bruno.id, &invites).await, Err(StoreError::NoMandate)));
    let (by_ana, by_founder) = (entry.clone().sign(&ana.keys), entry.clone().sign(&world.founder.keys));
    assert!(matches!(world.store.sign_entry(ana.id, &by_ana, None).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.sign_entry(world.founder.id, &by_ana, None).await, Err(StoreError::Malformed(_))));
    let mut other = by_founder.clone();
    other.entry.identity = ana.keys.public().to_bytes();
    assert!(matches!(world.store.sign_entry(world.founder.id, &other, None).await, Err(StoreError::Stale)));
    let mandate = Mandate::sign(&entry, &world.founder.keys);
    world.store.sign_entry(world.founder.id, &by_founder, Some(&mandate)).await.unwrap();
    // From now on Bruno's signature counts, and leads back to the founder.
    let directory = Directory::new(&ana.keys.root(), &world.store.mandates().await.unwrap());
    assert!(directory.has_mandate(bruno.id, &bruno.keys.public()));
    let Vouch::Signed { signer, .. } = by_founder.vouch else { panic!() };
    assert_eq!(signer, world.founder.id);
}

#[tokio::test]
async fn the_last_administrator_stays_one_even_where_two_go_at_once() {
    let world = World::new().await;
    let founder = world.founder.id;
    let refused = [
        world.store.set_person_enabled(founder, founder, false).await,
        world.store.set_role(founder, founder, Role::Member, None).await,
    ];
    assert!(refused.iter().all(|result| matches!(result, Err(StoreError::LastAdministrator))), "{refused:?}");
    let second = world.person_as("second", Role::Administrator).await;
    let (one, two) = tokio::join!(
        world.store.set_role(founder, second.id, Role::Member, None),
        world.store.set_role(second.id, founder, Role::Member, None)
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn who_is_made_an_administrator_gets_a_mandate() {
    let world = World::new().await;
    let (ana, founder) = (world.person("ana").await, world.founder.id);
    assert!(matches!(
        world.store.set_role(founder, ana.id, Role::Administrator, None).await,
        Err(StoreError::Malformed(_))
    ));
    let entry = Entry::first(&ana.keys, "ana");
    let by_herself = Mandate::sign(&entry, &ana.keys);
    assert!(matches!(
        world.store.set_role(founder, ana.id, Role::Administrator, Some(&by_herself)).await,
        Err(StoreError::Malformed(_))
    ));
    assert!(matches!(
        world.store.set_role(ana.id, ana.id, Role::Administrator, Some(&by_herself)).await,
        Err(StoreError::Forbidden)
    ));
    let mandate = Mandate::sign(&entry, &world.founder.keys);
    world.store.set_role(founder, ana.id, Role::Administrator, Some(&mandate)).await.unwrap();
    assert_eq!(world.store.mandates().await.unwrap().len(), 2);
    world.store.set_role(founder, ana.id, Role::Member, None).await.unwrap();
    assert_eq!(world.store.account(ana.id).await.unwrap().role, Role::Member);
}

#[tokio::test]
async fn people_are_listed_for_administrators_by_name_a_page_at_a_time() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let accounts: Vec<NewAccount> =
        (0..105).map(|number| world.new_account(&format!("person{number:03}"), Role::Member).1).collect();
    world.store.add_accounts(&accounts).await.unwrap();
    let (_, new) = invitation(&world.founder, "bruno", Role::Member, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    assert!(matches!(world.store.people(ana.id, "", 0).await, Err(StoreError::Forbidden)));
    let page = world.store.people(world.founder.id, "", 0).await.unwrap();
    assert_eq!((page.people.len(), page.total), (100, 108));
    assert_eq!(page.people[0].account.username, "ana");
    assert!(page.people[0].signed);
    assert_eq!(world.store.people(world.founder.id, "", 100).await.unwrap().people.len(), 8);
    let found = world.store.people(world.founder.id, " BRUNO@", 0).await.unwrap();
    assert_eq!((found.people.len(), found.total), (1, 1));
    assert_eq!(found.people[0].account.status, Status::Invited);
    assert!(!found.people[0].signed && found.people[0].invited_until.is_some());
}

#[tokio::test]
async fn disabling_ends_access_at_once_and_enabling_brings_it_back() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), vault::Permission::View)]).await;
    world.session("a", "ana").await;
    world.session("b", "bruno").await;
    assert!(matches!(world.store.set_person_enabled(bruno.id, ana.id, false).await, Err(StoreError::Forbidden)));
    world.store.set_person_enabled(world.founder.id, bruno.id, false).await.unwrap();
    assert!(world.store.session_account("b").await.unwrap().is_none());
    assert!(world.store.session_account("a").await.unwrap().is_some());
    assert!(world.store.credential("bruno").await.unwrap().is_none());
    world.store.set_person_enabled(world.founder.id, bruno.id, true).await.unwrap();
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "one");
    // What a disabled owner shared stays usable.
    world.store.set_person_enabled(world.founder.id, ana.id, false).await.unwrap();
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "one");
}

#[tokio::test]
async fn pins_are_written_in_turn() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    assert_eq!(world.store.pins(ana.id).await.unwrap(), None);
    let pins = |revision| SealedPins { revision, pins: vec![1; 9] };
    world.store.set_pins(ana.id, &pins(1)).await.unwrap();
    for revision in [0, 1, 3] {
        assert!(matches!(world.store.set_pins(ana.id, &pins(revision)).await, Err(StoreError::Stale)), "{revision}");
    }
    world.store.set_pins(ana.id, &pins(2)).await.unwrap();
    assert_eq!(world.store.pins(ana.id).await.unwrap(), Some(pins(2)));
}

#[tokio::test]
async fn what_an_administrator_prepared_is_of_no_use_once_they_are_none() {
    let world = World::new().await;
    let mallory = world.person_as("mallory", Role::Administrator).await;
    let (code, new) = invitation(&mallory, "sleeper", Role::Administrator, 7);
    world.store.invite(mallory.id, &new).await.unwrap();
    let (_, accepted) = accept(&world, &code).await;
    world.store.set_role(world.founder.id, mallory.id, Role::Member, None).await.unwrap();
    assert!(matches!(world.store.open_invitation(&code.proof()).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.accept_invitation(&code.proof(), &accepted).await, Err(StoreError::NotFound)));
    assert_eq!(world.store.account(accepted.entry.account).await.unwrap().status, Status::Invited);
}

#[tokio::test]
async fn an_invitation_says_who_becomes_an_administrator() {
    let world = World::new().await;
    let (_, mut raised) = invitation(&world.founder, "bruno", Role::Member, 7);
    raised.role = Role::Administrator;
    assert!(matches!(world.store.invite(world.founder.id, &raised).await, Err(StoreError::Malformed(_))));
    let (code, new) = invitation(&world.founder, "bruno", Role::Member, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    let (bruno, accepted) = accept(&world, &code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    // No mandate for a member, nor for other keys than those that are signed.
    let signed = accepted.entry.clone().sign(&world.founder.keys);
    let mandate = Mandate::sign(&accepted.entry, &world.founder.keys);
    let ana = world.person("ana").await;
    let for_ana = Mandate::sign(&Entry::first(&ana.keys, "ana"), &world.founder.keys);
    for mandate in [mandate, for_ana] {
        let signing = world.store.sign_entry(world.founder.id, &signed, Some(&mandate)).await;
        assert!(matches!(signing, Err(StoreError::Malformed(_))), "{signing:?}");
    }
    assert_eq!(world.store.mandates().await.unwrap().len(), 1);
    world.store.sign_entry(world.founder.id, &signed, None).await.unwrap();
    assert!(world.store.person(world.founder.id, bruno.id).await.unwrap().signed);
}

#[tokio::test]
async fn an_administrator_whose_signature_does_not_count_yet_does_not_stand_in_for_the_last_one() {
    let world = World::new().await;
    let founder = world.founder.id;
    let (code, new) = invitation(&world.founder, "second", Role::Administrator, 7);
    world.store.invite(founder, &new).await.unwrap();
    let (second, accepted) = accept(&world, &code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    for result in [
        world.store.set_role(second.id, founder, Role::Member, None).await,
        world.store.set_person_enabled(second.id, founder, false).await,
        world.store.set_person_enabled(founder, founder, false).await,
    ] {
        assert!(matches!(result, Err(StoreError::LastAdministrator)), "{result:?}");
    }
    let mandate = Mandate::sign(&accepted.entry, &world.founder.keys);
    let signed = accepted.entry.sign(&world.founder.keys);
    world.store.sign_entry(founder, &signed, Some(&mandate)).await.unwrap();
    world.store.set_role(second.id, founder, Role::Member, None).await.unwrap();
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_that_person_alone() {
    let world = World::new().await;
    let (ana, _bruno) = (world.person("ana").await, world.person("bruno").await);
    for (token, username) in [("one", "ana"), ("two", "ana"), ("other", "bruno")] {
        world.session(token, username).await;
    }
    world.store.end_sessions_of(world.founder.id, ana.id).await.unwrap();
    for (token, lives) in [("one", false), ("two", false), ("other", true)] {
        assert_eq!(world.store.session_account(token).await.unwrap().is_some(), lives, "{token}");
    }
}

#[tokio::test]
async fn an_email_is_changed_to_one_that_nobody_has() {
    let world = World::new().await;
    let (ana, _bruno) = (world.person("ana").await, world.person("bruno").await);
    for taken in ["bruno@example.com", "BRUNO@Example.com", "ｂruno@example.com"] {
        let result = world.store.set_email(world.founder.id, ana.id, taken).await;
        assert!(matches!(result, Err(StoreError::Taken("email"))), "{taken}: {result:?}");
    }
    world.store.set_email(world.founder.id, ana.id, "new@example.com").await.unwrap();
    assert_eq!(world.store.account(ana.id).await.unwrap().email, "new@example.com");
}
