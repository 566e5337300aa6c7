use vault::Permission;

use super::fixture::*;
use crate::secret::Reach;
use crate::*;

/// How the list begins is how the whole of it begins.
async fn begins(world: &World, person: &Person, reach: &Reach) -> FirstSecrets {
    let first = world.store.first_secrets_within(person.id, reach).await.unwrap();
    let all = world.store.secrets(person.id).await.unwrap();
    assert_eq!(first.rows, all[..first.rows.len()]);
    assert!(!first.is_whole || first.rows.len() == all.len());
    first
}

#[tokio::test]
async fn the_first_rows_are_those_that_the_whole_list_begins_with() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    // Capital letters sort as small ones do, what is of the same name by its id.
    let mut of_ana = Vec::new();
    for name in ["beta", "Alpha", "delta", "alpha", "Gamma", "omega"] {
        of_ana.push(world.secret(&ana, name).await);
    }
    let of_bruno = [world.secret(&bruno, "aleph").await, world.secret(&bruno, "Delta").await];
    world.share(&ana, &of_ana[1..5], &[(to(&bruno), Permission::View), (to(&carla), Permission::Edit)]).await;
    world.store.delete_secrets(ana.id, BatchId::random(), &of_ana[1..2]).await.unwrap();
    world.store.secret(bruno.id, of_ana[2]).await.unwrap();

    let far = Reach { first: 100, few: 100, looked_through: [100, 100] };
    for person in [&ana, &bruno, &carla] {
        assert!(begins(&world, person, &far).await.is_whole);
    }
    // Of those of others few enough to read all of them; one by one of all that there are; and too many.
    for (few, looked_through, found) in [(4, [1, 1], 2), (1, [100, 100], 2), (1, [1, 8], 2), (1, [1, 1], 0)] {
        let reach = Reach { first: 2, few, looked_through };
        for person in [&ana, &bruno, &carla] {
            let first = begins(&world, person, &reach).await;
            // Bruno and Carla have four of others', one of them in the bin.
            assert_eq!(first.is_whole, person.id != ana.id && few == 4);
            if !first.is_whole {
                assert_eq!(first.rows.len(), if person.id == ana.id { 2 } else { found });
            }
        }
    }
    // What is renamed takes its place.
    let reach = Reach { first: 1, few: 100, looked_through: [1, 1] };
    let mut change = super::secret::change(&world, &bruno, of_bruno[1], 2, "AAA").await;
    change.secret.name = "AAA".into();
    world.store.change_secret(bruno.id, &change).await.unwrap();
    assert_eq!(begins(&world, &bruno, &reach).await.rows[0].id, of_bruno[1]);
}
