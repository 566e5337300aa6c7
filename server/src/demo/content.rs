//! Names and texts of the demo, the same for the same seed.

use fastrand::Rng;
use store::{GroupKind, Secret};
use vault::SecretValue;

const FIRST: [&str; 32] = [
    "Dora", "Enzo", "Fatima", "Gil", "Hana", "Ivo", "Jana", "Kofi", "Lena", "Mateo", "Nadia", "Otto", "Paula",
    "Quentin", "Rosa", "Samir", "Tania", "Ugo", "Vera", "Wim", "Xenia", "Yuri", "Zoe", "Amina", "Boris", "Clara",
    "Diego", "Elif", "Felix", "Greta", "Hugo", "Ines",
];
const LAST: [&str; 24] = [
    "Almeida", "Berger", "Costa", "Dias", "Evans", "Ferrari", "Gomes", "Haas", "Ito", "Jensen", "Klein", "Lopes",
    "Moreau", "Novak", "Okafor", "Pereira", "Quint", "Rossi", "Silva", "Tanaka", "Urban", "Vargas", "Weber", "Young",
];
const SERVICES: [&str; 20] = [
    "Billing",
    "Payments",
    "Mail delivery",
    "Maps",
    "Search",
    "Analytics",
    "Object storage",
    "Calendar",
    "Payroll",
    "Identity",
    "Shipping",
    "Tickets",
    "Monitoring",
    "Feature flags",
    "Translation",
    "Weather",
    "Invoicing",
    "Chat",
    "Inventory",
    "Speech",
];
/// One for each owner but Ana, so that no two secrets have the same name.
const PROJECTS: [&str; 24] = [
    "Orion", "Atlas", "Nimbus", "Lotus", "Falcon", "Ember", "Juniper", "Meridian", "Onyx", "Pioneer", "Quartz",
    "Raven", "Saffron", "Tundra", "Umbra", "Vesper", "Willow", "Zephyr", "Beacon", "Cobalt", "Drift", "Echo", "Fjord",
    "Grove",
];
const STAGES: [&str; 4] = ["production", "staging", "test", "sandbox"];
const TEAMS: [&str; 6] = ["Platform team", "Payments team", "Data team", "Support", "Mobile team", "Security"];
const TAGS: [&str; 8] = ["prod", "eu", "us", "finance", "customer", "internal", "legacy", "critical"];
const METHODS: [&str; 3] = ["", "GET", "POST"];

/// Username and name of a person. The first four are those that the documentation speaks of.
pub(super) fn person(rng: &mut Rng, index: usize) -> (String, String) {
    let known = [("admin", "Alex Admin"), ("ana", "Ana Lima"), ("bruno", "Bruno Souza"), ("carla", "Carla Nunes")];
    if let Some((username, name)) = known.get(index) {
        return ((*username).into(), (*name).into());
    }
    // Each name of the list once, then with numbers.
    let first = FIRST[(index - known.len()) % FIRST.len()];
    let last = LAST[rng.usize(..LAST.len())];
    let round = (index - known.len()) / FIRST.len();
    let username = first.to_lowercase() + &if round == 0 { String::new() } else { format!("{}", round + 1) };
    (username, format!("{first} {last}"))
}

pub(super) fn group_name(index: u32) -> String {
    let index = index as usize;
    let team = TEAMS[index % TEAMS.len()];
    if index < TEAMS.len() { team.into() } else { format!("{team} {}", index / TEAMS.len() + 1) }
}

pub(super) fn group_description(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::UserGroup => "Managed by administrators",
        GroupKind::PrivateGroup => "Everyone on the launch",
    }
}

/// The secret number `number` of an owner, and its value. Owners begin at different services.
pub(super) fn secret(rng: &mut Rng, owner: usize, number: usize) -> (Secret, SecretValue) {
    let service = SERVICES[(owner * 3 + number) % SERVICES.len()];
    let stage = STAGES[number / SERVICES.len() % STAGES.len()];
    let round = number / (SERVICES.len() * STAGES.len());
    let suffix = if round == 0 { String::new() } else { format!(" {}", round + 1) };
    let project = match owner.checked_sub(2) {
        None => String::new(),
        Some(other) if other < PROJECTS.len() => format!("{} ", PROJECTS[other]),
        Some(other) => format!("{} {} ", PROJECTS[other % PROJECTS.len()], other / PROJECTS.len() + 1),
    };
    let slug = service.to_lowercase().replace(' ', "-");
    let mut tags = vec![TAGS[rng.usize(..TAGS.len())].to_owned(), TAGS[rng.usize(..TAGS.len())].to_owned()];
    tags.dedup();
    let secret = Secret {
        name: format!("{project}{service} API {stage}{suffix}"),
        url: format!("https://{slug}.{stage}.example.com/v1"),
        client_id: format!("{slug}-{:08x}", rng.u32(..)),
        identifier: Some(format!("{slug}-{stage}-{}", number + 1)),
        method: METHODS[rng.usize(..METHODS.len())].into(),
        tags,
        rotate_on: None,
    };
    let value = SecretValue {
        client_secret: format!("demo-{:016x}{:016x}", rng.u64(..), rng.u64(..)),
        notes: format!("Demo value for {service}. It opens nothing."),
    };
    (secret, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_secrets_and_no_two_usernames_are_called_the_same() {
        let mut rng = Rng::with_seed(1);
        let mut names = HashSet::new();
        for owner in 1..60 {
            for number in 0..200 {
                assert!(names.insert(secret(&mut rng, owner, number).0.name), "owner {owner}, number {number}");
            }
        }
        let usernames: HashSet<String> = (0..500).map(|index| person(&mut rng, index).0).collect();
        assert_eq!(usernames.len(), 500);
    }

    #[test]
    fn the_same_seed_gives_the_same_names() {
        let names = |seed| (0..40).map(|index| person(&mut Rng::with_seed(seed), index)).collect::<Vec<_>>();
        assert_eq!(names(1), names(1));
    }
}
