//! A demo organization, sealed by the same code as a real one.

mod content;
mod people;

use fastrand::Rng;
use store::{GroupKind, NewGrant, NewGroup, NewSecret, NewShare, Organization, SealedTo, Secret, Store};
use vault::{
    BatchId, GroupId, GroupKey, GroupSeed, Mandate, Manifest, Permission, Place, PublicIdentity, PublicKey,
    RecipientId, Roster, SecretId, SecretKey, SecretValue, ShareId, ShareKey,
};

use crate::config::{DemoOptions, Fault};
use crate::server_keys;
use people::Person;

/// The password of everyone in the demo organization.
pub(crate) const PASSWORD: &str = "mysafe-demo";
/// How many secrets go into one transaction.
const CHUNK: usize = 2_000;

/// Fills an empty database. A database that holds a demo organization already is left as it is.
#[tokio::main]
pub(crate) async fn run(options: &DemoOptions) -> Result<(), Fault> {
    let store = options.storage.open().await?;
    match store.organization().await.map_err(Fault::new)? {
        Some(Organization { demo: true, .. }) => println!("The database holds the demo organization already."),
        Some(Organization { name, .. }) => {
            return Err(Fault(format!("The database holds the organization {name}. A demo needs an empty one.")));
        }
        None => {
            let keys = server_keys::load(&options.storage, None)?;
            Demo { store, rng: Rng::with_seed(options.seed) }.fill(options, &keys).await.map_err(Fault::new)?;
        }
    }
    println!("Sign in as ana, bruno, carla or admin. Everyone's password is {PASSWORD}");
    Ok(())
}

struct Demo {
    store: Store,
    rng: Rng,
}

/// A secret of the demo, to be shared.
struct Owned {
    id: SecretId,
    key: SecretKey,
}

impl Demo {
    async fn fill(mut self, options: &DemoOptions, keys: &vault::ServerKeys) -> Result<(), store::StoreError> {
        println!(
            "Making {} people: their passwords are stretched as everyone's are, which takes a moment.",
            options.people
        );
        let people = people::make(options.people, keys, &mut self.rng);
        let accounts: Vec<_> = people.iter().map(|person| person.account.clone()).collect();
        let organization =
            Organization { name: "Demo organization".into(), demo: true, server_keys: keys.fingerprint() };
        let mandate = Mandate::sign(&accounts[0].entry.entry, &people[0].keys);
        self.store.found(&organization, &accounts[0], &mandate).await?;
        for chunk in accounts[1..].chunks(100) {
            self.store.add_accounts(chunk).await?;
        }
        let groups = self.groups(options.groups, &people).await?;
        println!("Sealing {} API secrets.", options.secrets);
        let mut shares = 0_u32;
        for (index, (owner, count)) in people.iter().zip(counts(options)).enumerate().skip(1) {
            let secrets = self.secrets(index, owner, count).await?;
            shares += self.shares(index, &people, &groups, &secrets).await?;
        }
        println!(
            "Demo organization: {} people, {} groups, {} API secrets, {shares} shares.",
            options.people,
            groups.len(),
            options.secrets
        );
        Ok(())
    }

    /// User groups by the administrator, and Ana's private group.
    async fn groups(&mut self, count: u32, people: &[Person]) -> Result<Vec<RecipientGroup>, store::StoreError> {
        let mut groups = Vec::new();
        for index in 0..count {
            let size = 3 + self.rng.usize(..people.len().min(20) / 2);
            // Bruno and Carla are in the first, so that there is someone to look at it with.
            // Ana is in the second, so that not everything is shared with her.
            let mut members: Vec<usize> = [vec![2, 3, 4], vec![1]].get(index as usize).cloned().unwrap_or_default();
            while members.len() < size {
                let member = self.rng.usize(2..people.len());
                if !members.contains(&member) {
                    members.push(member);
                }
            }
            let name = content::group_name(index);
            groups.push(self.group(GroupKind::UserGroup, &name, 0, &members, people).await?);
        }
        self.group(GroupKind::PrivateGroup, "Launch crew", 1, &[3, 4, 5], people).await?;
        Ok(groups)
    }

    async fn group(
        &mut self,
        kind: GroupKind,
        name: &str,
        manager: usize,
        members: &[usize],
        people: &[Person],
    ) -> Result<RecipientGroup, store::StoreError> {
        let (id, seed, manager) = (GroupId::random(), GroupSeed::random(), &people[manager]);
        let key = GroupKey {
            group: id,
            name: name.into(),
            managed_by: kind.signer(),
            epoch: 1,
            key: seed.public_key().to_bytes(),
        };
        let group = NewGroup {
            id,
            kind,
            name: name.into(),
            description: content::group_description(kind).into(),
            members_can_view: kind == GroupKind::UserGroup,
            signature: key.sign(&manager.keys),
            roster_signature: Roster::new(id, 1, members.iter().map(|member| people[*member].id())).sign(&manager.keys),
            public_key: key.key,
            managers: vec![SealedTo {
                account: manager.id(),
                seed: seed.seal_to_manager(id, 1, manager.id(), &manager.keys.public().sealing),
            }],
            members: members
                .iter()
                .map(|member| &people[*member])
                .map(|member| SealedTo {
                    account: member.id(),
                    seed: seed.seal_to_member(id, 1, member.id(), &member.keys.public().sealing),
                })
                .collect(),
        };
        self.store.add_group(manager.id(), &group).await?;
        Ok(RecipientGroup { id, key: seed.public_key() })
    }

    /// Secrets of one owner; one in seven is disabled.
    async fn secrets(&mut self, index: usize, owner: &Person, count: usize) -> Result<Vec<Owned>, store::StoreError> {
        let mut made = Vec::with_capacity(count);
        let mut new = Vec::with_capacity(count);
        for number in 0..count {
            let (id, key) = (SecretId::random(), SecretKey::random());
            let (secret, value) = content::secret(&mut self.rng, index, number);
            new.push(seal(owner, id, &key, secret, &value)?);
            made.push(Owned { id, key });
        }
        for chunk in new.chunks(CHUNK) {
            self.store.add_secrets(owner.id(), BatchId::random(), chunk).await?;
        }
        let disabled: Vec<SecretId> = made.iter().skip(3).step_by(7).map(|secret| secret.id).collect();
        for chunk in disabled.chunks(CHUNK) {
            self.store.set_enabled(owner.id(), BatchId::random(), chunk, false).await?;
        }
        let disabled: std::collections::HashSet<SecretId> = disabled.into_iter().collect();
        made.retain(|secret| !disabled.contains(&secret.id));
        Ok(made)
    }

    /// A few shares of one owner, with people and a group. Says how many.
    async fn shares(
        &mut self,
        owner: usize,
        people: &[Person],
        groups: &[RecipientGroup],
        secrets: &[Owned],
    ) -> Result<u32, store::StoreError> {
        // Ana has shared little so far: sharing is what she is here for. Bruno shares with her.
        let size = if owner == 1 { 2 } else { 3 };
        let Some(shared) = secrets.get(..size) else { return Ok(0) };
        let group = &groups[self.rng.usize(..groups.len())];
        let person = match owner {
            2 => 1,
            _ => loop {
                let person = self.rng.usize(2..people.len());
                if person != owner {
                    break person;
                }
            },
        };
        let (owner, person) = (&people[owner], &people[person]);
        let recipients = [
            (RecipientId::Group(group.id), group.key.clone(), Permission::View),
            (RecipientId::Account(person.id()), person.keys.public().sealing, Permission::Edit),
        ];
        let share = share(owner, shared, &recipients).map_err(|error| store::StoreError::Content(error.to_string()))?;
        self.store.add_share(owner.id(), &share, None).await?;
        Ok(1)
    }
}

/// A group of the demo, to be shared with.
struct RecipientGroup {
    id: GroupId,
    key: PublicKey,
}

/// How many secrets each person owns: the administrator none, Ana a good part, the others the rest in equal parts.
fn counts(options: &DemoOptions) -> impl Iterator<Item = usize> {
    let (people, secrets) = (options.people as usize, options.secrets as usize);
    let ana = options.ana.map_or((secrets / 10).max(14), |ana| ana as usize).min(secrets);
    let (others, rest) = (people - 2, secrets - ana);
    (0..people).map(move |index| match index {
        0 => 0,
        1 => ana,
        index => rest / others + usize::from(index - 2 < rest % others),
    })
}

fn seal(
    owner: &Person,
    id: SecretId,
    key: &SecretKey,
    secret: Secret,
    value: &SecretValue,
) -> Result<NewSecret, store::StoreError> {
    let value = key.seal_value(id, 1, value).map_err(|error| store::StoreError::Content(error.to_string()))?;
    Ok(NewSecret { id, secret, key: owner.keys.seal_secret_key(id, key), value })
}

fn share(
    owner: &Person,
    secrets: &[Owned],
    recipients: &[(RecipientId, PublicKey, Permission)],
) -> Result<NewShare, vault::VaultError> {
    let (id, key) = (ShareId::random(), ShareKey::random());
    let mut manifest = Manifest {
        granter: owner.id(),
        share: id,
        epoch: 1,
        key_check: key.check(),
        items: secrets.iter().map(|secret| secret.id).collect(),
        grants: recipients.iter().map(|(recipient, _, permission)| (*recipient, *permission)).collect(),
    };
    manifest.sort();
    let items = manifest
        .items
        .iter()
        .filter_map(|item| secrets.iter().find(|secret| secret.id == *item))
        .map(|secret| key.seal_item(id, 1, secret.id, &secret.key))
        .collect();
    let grants = manifest
        .grants
        .iter()
        .filter_map(|(recipient, _)| recipients.iter().find(|(id, ..)| id == recipient))
        .map(|(recipient, recipient_key, permission)| {
            let place = Place::Grant {
                granter: owner.id(),
                share: id,
                epoch: 1,
                recipient: *recipient,
                recipient_epoch: 1,
                permission: *permission,
            };
            NewGrant { recipient_epoch: 1, key: key.seal_grant(&place, recipient_key) }
        })
        .collect();
    let signature = manifest.sign(&owner.keys);
    // Read back as a client reads it: what the demo writes is what the product writes.
    PublicIdentity::from_bytes(&owner.account.entry.entry.identity)
        .and_then(|identity| manifest.verify(&identity, &signature))?;
    let key_epochs = vec![1; manifest.items.len()];
    Ok(NewShare {
        manifest,
        signature,
        key: owner.keys.seal_share_key(id, 1, &key),
        items,
        key_epochs,
        grants,
        ends_at: None,
    })
}
