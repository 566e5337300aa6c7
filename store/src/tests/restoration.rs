//! Two administrators together open an account, neither alone, and its person is told.

use vault::{AccountId, Approval, Directory, Escrow, Permission, Purpose, RecipientId, Restoration, RestorationCode};

use super::fixture::*;
use crate::*;

const FAR: u64 = 3_000_000;

fn soon() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap() + FAR
}

impl World {
    /// What the client of a person does at its upkeep.
    async fn make_escrow(&self, person: &Person) -> Option<Escrow> {
        let need = self.store.escrow_need(person.id).await.unwrap()?;
        let directory = Directory::new(&person.keys.root(), &self.store.mandates().await.unwrap());
        let keys = need.administrators.iter().map(|signed| {
            let identity = directory.check(signed, 0).unwrap();
            assert!(directory.has_mandate(signed.entry.account, &identity));
            (signed.entry.account, identity.sealing)
        });
        let escrow = person.keys.seal_escrow(need.generation, keys.collect());
        self.store.set_escrow(person.id, &escrow, &need.offered).await.unwrap();
        Some(escrow)
    }

    async fn approval(&self, administrator: &Person, asked: &Restoration) -> Approval {
        let (escrow, entry) = self.store.escrow(administrator.id, asked.account).await.unwrap();
        assert_eq!(entry.entry.account, asked.account);
        escrow.open_part(&administrator.keys).unwrap().approve(asked).unwrap()
    }

    async fn ask_link(
        &self,
        by: &Person,
        account: AccountId,
        code: &RestorationCode,
    ) -> Result<Restoration, StoreError> {
        let asked = Restoration::sign(account, Purpose::Restore, 1, &code.public_key(), soon(), &by.keys);
        let approval = self.approval(by, &asked).await;
        self.store.ask_restoration(by.id, &asked, Some(&code.proof()), &approval).await.map(|()| asked)
    }

    async fn approve(&self, by: &Person, asked: &Restoration) -> Result<(), StoreError> {
        let approval = self.approval(by, asked).await;
        self.store.approve_restoration(by.id, asked.account, &asked.signature, &approval).await
    }
}

/// The founder and Ben are administrators; Eva is not.
async fn team() -> (World, Person, Person) {
    let world = World::new().await;
    let (ben, eva) = (world.person_as("ben", Role::Administrator).await, world.person("eva").await);
    world.make_escrow(&eva).await.unwrap();
    (world, ben, eva)
}

fn new_password() -> NewPassword {
    NewPassword {
        password_file: vec![8; 40],
        account_key: vec![7; 73],
        recovery: NewRecovery { key: vec![6; 73], proof: vec![5; 32] },
    }
}

#[tokio::test]
async fn a_link_opens_the_account_once_two_administrators_agreed() {
    let (world, ben, eva) = team().await;
    world.session("token", "eva").await;
    let code = RestorationCode::random();
    let asked = world.ask_link(&world.founder, eva.id, &code).await.unwrap();
    let not_yet = world.store.open_restoration(&code.proof()).await;
    assert!(matches!(not_yet, Err(StoreError::NotApproved)));
    // Not by the same one twice, nor by a member.
    assert!(matches!(world.approve(&world.founder, &asked).await, Err(StoreError::Forbidden)));
    let approval = world.approval(&ben, &asked).await;
    let by_member = world.store.approve_restoration(eva.id, eva.id, &asked.signature, &approval).await;
    assert!(matches!(by_member, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.restorations(eva.id).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.escrow(eva.id, eva.id).await, Err(StoreError::Forbidden)));

    world.approve(&ben, &asked).await.unwrap();
    let listed = world.store.restorations(ben.id).await.unwrap();
    assert_eq!((listed[0].username.as_str(), listed[0].approved_by.as_deref()), ("eva", Some("BEN Test")));
    let open = world.store.open_restoration(&code.proof()).await.unwrap();
    // The fixture keeps no sealed identity of Eva's that opens, so that the approvals are looked at alone.
    assert_eq!(open.account, eva.id);
    assert_eq!(open.approvals.len(), 2);

    assert!(world.store.session_account("token").await.unwrap().is_some());
    assert_eq!(world.store.restore(&code.proof(), &new_password()).await.unwrap(), eva.id);
    assert!(world.store.session_account("token").await.unwrap().is_none());
    // Once: again is the same, anything else is refused.
    assert_eq!(world.store.restore(&code.proof(), &new_password()).await.unwrap(), eva.id);
    let other = NewPassword { account_key: vec![1; 73], ..new_password() };
    assert!(matches!(world.store.restore(&code.proof(), &other).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.open_restoration(&code.proof()).await, Err(StoreError::NotFound)));
    // It is in the log, for those who were not asked.
    let log = world.store.audit(ben.id, &AuditFilter::default(), None, 100).await.unwrap().entries;
    let events: Vec<Event> =
        log.iter().filter(|entry| entry.event != Event::MadeAdministrator).map(|entry| entry.event).collect();
    assert_eq!(events, [Event::AccountOpened, Event::OpeningApproved, Event::OpeningAsked]);
    assert!(log.iter().take(3).all(|entry| entry.account.as_ref().is_some_and(|(_, username)| username == "eva")));
    // She is told, until she says that she knows.
    let notices = world.store.notices(eva.id).await.unwrap();
    assert_eq!((notices.len(), notices[0].purpose), (1, Purpose::Restore));
    assert_eq!(notices[0].by, ["FOUNDER Test", "BEN Test"]);
    world.store.clear_notices(eva.id, notices[0].at).await.unwrap();
    assert!(world.store.notices(eva.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_asked_for_has_to_be_asked_for_rightly() {
    let (world, ben, eva) = team().await;
    let code = RestorationCode::random();
    let founder = &world.founder;
    let asked = |purpose, generation, until, by: &Person| {
        Restoration::sign(eva.id, purpose, generation, &code.public_key(), until, &by.keys)
    };
    let right = asked(Purpose::Restore, 1, soon(), founder);
    let approval = world.approval(founder, &right).await;
    let proof = code.proof();
    let ask = |asked: Restoration, proof, approval: Approval| {
        let (store, id) = (&world.store, founder.id);
        async move { store.ask_restoration(id, &asked, proof, &approval).await }
    };
    let refused = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Malformed(_)));
    assert!(refused(ask(asked(Purpose::Restore, 1, soon(), &ben), Some(&proof), approval.clone()).await));
    assert!(refused(ask(right.clone(), None, approval.clone()).await));
    assert!(refused(ask(asked(Purpose::Transfer, 1, soon(), founder), Some(&proof), approval.clone()).await));
    let months = soon() + 90 * 24 * 60 * 60 * 1000;
    assert!(refused(ask(asked(Purpose::Restore, 1, months, founder), Some(&proof), approval.clone()).await));
    let old = ask(asked(Purpose::Restore, 2, soon(), founder), Some(&proof), approval.clone()).await;
    assert!(matches!(old, Err(StoreError::Stale)));
    // Nobody restores themselves, nor somebody who is disabled.
    let own = Restoration::sign(founder.id, Purpose::Restore, 1, &code.public_key(), soon(), &founder.keys);
    assert!(refused(ask(own, Some(&proof), approval.clone()).await));
    world.store.set_person_enabled(founder.id, eva.id, false).await.unwrap();
    assert!(matches!(ask(right.clone(), Some(&proof), approval.clone()).await, Err(StoreError::NotFound)));
    world.store.set_person_enabled(founder.id, eva.id, true).await.unwrap();
    ask(right.clone(), Some(&proof), approval).await.unwrap();

    // Taken back, or asked for anew, the old approval is of no use.
    world.store.end_restoration(founder.id, eva.id).await.unwrap();
    assert!(matches!(world.approve(&ben, &right).await, Err(StoreError::Stale)));
    let again = RestorationCode::random();
    world.ask_link(founder, eva.id, &again).await.unwrap();
    assert!(matches!(world.approve(&ben, &right).await, Err(StoreError::Stale)));
    assert!(matches!(world.store.open_restoration(&code.proof()).await, Err(StoreError::NotFound)));
    // Disabled after all: the link opens nothing.
    let asked = world.ask_link(founder, eva.id, &again).await.unwrap();
    world.approve(&ben, &asked).await.unwrap();
    world.store.set_person_enabled(founder.id, eva.id, false).await.unwrap();
    assert!(matches!(world.store.open_restoration(&again.proof()).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn parts_follow_who_is_an_administrator() {
    let world = World::new().await;
    let eva = world.person("eva").await;
    // One administrator alone could open nothing: there is nothing to make.
    assert_eq!(world.store.escrow_need(eva.id).await.unwrap(), None);
    let ben = world.person_as("ben", Role::Administrator).await;
    let first = world.make_escrow(&eva).await.unwrap();
    assert_eq!((first.generation, first.parts.len(), first.pairs.len()), (1, 2, 1));
    assert_eq!(world.make_escrow(&eva).await, None);
    // An administrator's own account is for the others.
    assert_eq!(world.make_escrow(&ben).await, None);
    let kim = world.person_as("kim", Role::Administrator).await;
    let second = world.make_escrow(&eva).await.unwrap();
    assert_eq!((second.generation, second.parts.len(), second.pairs.len()), (2, 3, 3));
    assert_eq!(world.make_escrow(&ben).await.unwrap().parts.len(), 2);
    // Whoever goes has no part in the next one, and what was asked for before is over.
    let code = RestorationCode::random();
    let asked = Restoration::sign(eva.id, Purpose::Restore, 2, &code.public_key(), soon(), &kim.keys);
    let approval = world.approval(&kim, &asked).await;
    world.store.ask_restoration(kim.id, &asked, Some(&code.proof()), &approval).await.unwrap();
    world.store.set_role(world.founder.id, kim.id, Role::Member, None).await.unwrap();
    let third = world.make_escrow(&eva).await.unwrap();
    assert!(third.parts.iter().all(|part| part.administrator != kim.id));
    assert!(matches!(world.approve_nothing(&ben, &asked).await, Err(StoreError::Stale)));

    // Nobody makes one for somebody else, or for somebody who is no administrator.
    let need = world.store.escrow_need(kim.id).await.unwrap().unwrap();
    let foreign = world.store.set_escrow(eva.id, &kim.keys.seal_escrow(1, vec![]), &need.offered).await;
    assert!(matches!(foreign, Err(StoreError::Malformed(_))));
    let mallory = vec![(eva.id, eva.keys.public().sealing)];
    let wrong = world.store.set_escrow(kim.id, &kim.keys.seal_escrow(1, mallory), &need.offered).await;
    assert!(matches!(wrong, Err(StoreError::Malformed(_))));
    let stale = world.store.set_escrow(kim.id, &kim.keys.seal_escrow(1, vec![]), "other").await;
    assert!(matches!(stale, Err(StoreError::Stale)));
}

impl World {
    /// An approval out of an escrow that is gone.
    async fn approve_nothing(&self, by: &Person, asked: &Restoration) -> Result<(), StoreError> {
        let approval = Approval { administrator: by.id, part: vec![1; 100] };
        self.store.approve_restoration(by.id, asked.account, &asked.signature, &approval).await
    }
}

#[tokio::test]
async fn two_administrators_give_away_what_somebody_owned_who_left() {
    let (world, ben, eva) = team().await;
    let dora = world.person("dora").await;
    let founder = &world.founder;
    let secret = world.secret(&eva, "one").await;
    world.store.set_person_enabled(founder.id, eva.id, false).await.unwrap();
    let keys = |by: AccountId| {
        let store = &world.store;
        async move { store.keys_to_transfer(by, eva.id, &[secret]).await }
    };
    assert!(matches!(keys(founder.id).await, Err(StoreError::NotFound)));
    let asked = Restoration::sign(eva.id, Purpose::Transfer, 1, &founder.keys.public().sealing, soon(), &founder.keys);
    let approval = world.approval(founder, &asked).await;
    world.store.ask_restoration(founder.id, &asked, None, &approval).await.unwrap();
    assert!(matches!(keys(founder.id).await, Err(StoreError::NotApproved)));
    assert!(matches!(world.store.restored(founder.id, eva.id).await, Err(StoreError::NotApproved)));
    world.approve(&ben, &asked).await.unwrap();
    // It is the one who asked that acts, and nobody else.
    for other in [ben.id, dora.id] {
        assert!(keys(other).await.is_err());
        assert!(world.store.restored(other, eva.id).await.is_err());
    }
    let open = world.store.restored(founder.id, eva.id).await.unwrap();
    assert_eq!((open.account, open.approvals.len()), (eva.id, 2));
    let keys = keys(founder.id).await.unwrap();
    let grants = [(RecipientId::Account(dora.id), Permission::Own)];
    let entries = world.store.recipient_keys(founder.id, &[to(&dora)]).await.unwrap();
    let transfer = world.sealed_share(&eva, &[secret], &grants, &keys, &entries).await;
    assert!(matches!(world.store.transfer(ben.id, &transfer).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.transfer(eva.id, &transfer).await, Err(StoreError::Forbidden)));
    world.store.transfer(founder.id, &transfer).await.unwrap();
    assert_eq!(world.read(&dora, secret).await.unwrap().client_secret, "one");
    // Told once, however often the keys were asked for.
    world.store.restored(founder.id, eva.id).await.unwrap();
    assert_eq!(world.store.notices(eva.id).await.unwrap().len(), 1);
    world.store.end_restoration(ben.id, eva.id).await.unwrap();
    assert!(world.store.restored(founder.id, eva.id).await.is_err());
}

#[tokio::test]
async fn two_administrators_take_over_first_what_was_given_to_somebody_who_left_before() {
    let (world, ben, eva) = team().await;
    let (ana, dora) = (world.person("ana").await, world.person("dora").await);
    let founder = &world.founder;
    let secret = world.secret(&ana, "one").await;
    world.share(&ana, &[secret], &[(to(&ben), Permission::View)]).await;
    let transfer = world.transfer(&ana, &[secret], &eva).await.unwrap();
    world.store.set_person_enabled(founder.id, eva.id, false).await.unwrap();
    assert!(matches!(world.store.transfers(founder.id, eva.id).await, Err(StoreError::NotFound)));
    let asked = Restoration::sign(eva.id, Purpose::Transfer, 1, &founder.keys.public().sealing, soon(), &founder.keys);
    let approval = world.approval(founder, &asked).await;
    world.store.ask_restoration(founder.id, &asked, None, &approval).await.unwrap();
    assert!(matches!(world.store.transfers(founder.id, eva.id).await, Err(StoreError::NotApproved)));
    world.approve(&ben, &asked).await.unwrap();
    let refused = problems(world.store.keys_to_transfer(founder.id, eva.id, &[secret]).await);
    assert_eq!(refused[0].reason, Reason::NotTakenOver);
    // It is the one who asked that acts, and nobody else.
    for other in [ben.id, ana.id, eva.id] {
        assert!(world.store.transfers(other, eva.id).await.is_err());
        assert!(world.store.transfer_to(other, eva.id, transfer).await.is_err());
    }
    assert_eq!(world.store.transfers(founder.id, eva.id).await.unwrap(), [transfer]);
    world.take_over_as(founder.id, &eva, transfer).await;
    let keys = world.store.keys_to_transfer(founder.id, eva.id, &[secret]).await.unwrap();
    let grants = [(RecipientId::Account(dora.id), Permission::Own)];
    let entries = world.store.recipient_keys(founder.id, &[to(&dora)]).await.unwrap();
    let on = world.sealed_share(&eva, &[secret], &grants, &keys, &entries).await;
    world.store.transfer(founder.id, &on).await.unwrap();
    for person in [&dora, &ben] {
        assert_eq!(world.read(person, secret).await.unwrap().client_secret, "one");
    }
}

#[tokio::test]
async fn what_somebody_agreed_to_who_is_no_administrator_any_more_opens_nothing() {
    let (world, ben, eva) = team().await;
    let code = RestorationCode::random();
    let asked = world.ask_link(&world.founder, eva.id, &code).await.unwrap();
    world.approve(&ben, &asked).await.unwrap();
    assert!(world.store.open_restoration(&code.proof()).await.is_ok());
    world.store.set_person_enabled(world.founder.id, ben.id, false).await.unwrap();
    assert!(matches!(world.store.open_restoration(&code.proof()).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.restore(&code.proof(), &new_password()).await, Err(StoreError::NotFound)));
    world.store.set_person_enabled(world.founder.id, ben.id, true).await.unwrap();
    assert!(world.store.open_restoration(&code.proof()).await.is_ok());
}
