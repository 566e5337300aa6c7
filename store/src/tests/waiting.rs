//! What administrators are told of what waits to be settled.

use vault::Permission;

use super::fixture::*;
use super::limit::limited;
use super::settle::settle;
use crate::*;

#[tokio::test]
async fn what_waits_is_counted_by_its_owners_for_administrators() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let founder = world.founder.id;
    let waiting = async || world.store.waiting(founder, None).await.unwrap();
    assert!(matches!(world.store.waiting(ana.id, None).await, Err(StoreError::Forbidden)));
    assert!(waiting().await.is_empty());

    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let his = world.secret(&bruno, "his").await;
    for (owner, secret) in [(&ana, one), (&ana, two), (&bruno, his)] {
        world.share(owner, &[secret], &[(to(&carla), Permission::View)]).await;
    }
    for (owner, secrets) in [(&ana, vec![one, two]), (&bruno, vec![his])] {
        world.store.change_access(owner.id, &limited(&secrets, &[(to(&carla), None)])).await.unwrap();
    }
    world.store.set_person_enabled(founder, ana.id, false).await.unwrap();
    let of = |owner: &Person, name: &str, status, shares, secrets| Waiting {
        owner: owner.id,
        name: name.into(),
        status,
        shares,
        secrets,
        lost: 0,
    };
    let (anas, brunos) = (of(&ana, "ANA Test", Status::Disabled, 2, 0), of(&bruno, "BRUNO Test", Status::Active, 1, 0));
    assert_eq!(waiting().await, [anas.clone(), brunos.clone()]);
    assert_eq!(world.store.waiting(founder, Some(bruno.id)).await.unwrap(), [brunos]);
    // His browser does it; nobody does it for her.
    settle(&world, &bruno).await;
    assert_eq!(waiting().await, std::slice::from_ref(&anas));

    // Until what she owned has another owner, whose browser does it.
    world.store.set_person_enabled(founder, ana.id, true).await.unwrap();
    let transfer = world.transfer(&ana, &[one, two], &bruno).await.unwrap();
    world.store.set_person_enabled(founder, ana.id, false).await.unwrap();
    assert_eq!(waiting().await.len(), 2);
    assert!(waiting().await.contains(&of(&bruno, "BRUNO Test", Status::Active, 0, 2)));
    world.take_over(&bruno, transfer).await;
    settle(&world, &bruno).await;
    assert!(waiting().await.is_empty());
}
