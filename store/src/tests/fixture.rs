use std::sync::LazyLock;

use tempfile::TempDir;
use vault::{
    AccountId, AccountKeys, Directory, Entry, ExportKey, GroupId, GroupKey, GroupSeed, Mandate, Manifest, Opening,
    Permission, Place, RecipientEntry, RecipientId, Registration, Roster, SealedAccount, SecretId, SecretKey,
    SecretValue, ServerKeys, ShareId, ShareKey,
};

use crate::database::query;
use crate::*;
pub(crate) use vault::BatchId;

/// One real registration for all accounts of a test: stretching a password takes long on purpose.
static REGISTERED: LazyLock<(Vec<u8>, ExportKey)> = LazyLock::new(|| {
    let (registration, request) = Registration::start("correct horse").unwrap();
    let response = ServerKeys::random().register(AccountId::random(), &request).unwrap();
    registration.finish("correct horse", &response).unwrap()
});

/// An organization with its founder, in a folder that goes with it.
pub(crate) struct World {
    pub store: Store,
    /// Signs everyone's keys.
    pub founder: Person,
    pub folder: TempDir,
}

/// A person with their keys.
pub(crate) struct Person {
    pub id: AccountId,
    pub keys: AccountKeys,
}

impl World {
    pub async fn new() -> Self {
        let world = Self::empty().await;
        let organization = Organization { name: "Acme".into(), demo: false, server_keys: [7; 32] };
        let (account, mandate) = founder_account(&world.founder);
        world.store.found(&organization, &account, &mandate).await.unwrap();
        world
    }

    /// Before the organization is founded.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("surrealkv://{}", folder.path().display()).into()).await.unwrap();
        let id = AccountId::random();
        let (keys, _) = AccountKeys::create(id, &REGISTERED.1, None);
        Self { store, founder: Person { id, keys }, folder }
    }

    pub async fn person(&self, username: &str) -> Person {
        self.person_as(username, Role::Member).await
    }

    pub async fn person_as(&self, username: &str, role: Role) -> Person {
        let (person, account) = self.new_account(username, Role::Member);
        let entry = account.entry.entry.clone();
        self.store.add_accounts(&[account]).await.unwrap();
        if role == Role::Administrator {
            let mandate = Mandate::sign(&entry, &self.founder.keys);
            self.store.set_role(self.founder.id, person.id, role, Some(&mandate)).await.unwrap();
        }
        person
    }

    /// An account as it is once the founder has signed it.
    pub fn new_account(&self, username: &str, role: Role) -> (Person, NewAccount) {
        let id = AccountId::random();
        let (keys, sealed) = AccountKeys::create(id, &REGISTERED.1, Some(self.founder.keys.root()));
        let account = described_account(username, role, &keys, sealed, &self.founder);
        (Person { id, keys }, account)
    }

    /// New keys for an account, as the client of who was invited makes them.
    pub fn keys_for(&self, account: AccountId, username: &str) -> (Person, Entry, SealedAccount) {
        let (keys, sealed) = AccountKeys::create(account, &REGISTERED.1, Some(self.founder.keys.root()));
        let entry = Entry::first(&keys, username);
        (Person { id: account, keys }, entry, sealed)
    }

    /// A session of somebody who has just signed in.
    pub async fn session(&self, token: &str, username: &str) {
        let (account, file) = self.store.credential(username).await.unwrap().unwrap();
        let login = Login::new(Some((account, &file)), vec![1]);
        self.store.begin_session(token, &login, "test").await.unwrap();
    }

    /// Adds a secret named `name` whose value is its name.
    pub async fn secret(&self, owner: &Person, name: &str) -> SecretId {
        let new = new_secret(owner, name);
        self.store.add_secret(owner.id, &new).await.unwrap();
        new.id
    }

    pub async fn group(&self, owner: &Person, kind: GroupKind, name: &str, members: &[&Person]) -> GroupId {
        self.group_with_id(GroupId::random(), owner, kind, name, members).await
    }

    pub async fn group_with_id(
        &self,
        id: GroupId,
        owner: &Person,
        kind: GroupKind,
        name: &str,
        members: &[&Person],
    ) -> GroupId {
        let seed = GroupSeed::random();
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
            description: String::new(),
            members_can_view: false,
            signature: key.sign(&owner.keys),
            roster_signature: Roster::new(id, 1, members.iter().map(|member| member.id)).sign(&owner.keys),
            public_key: key.key,
            managers: vec![SealedTo {
                account: owner.id,
                seed: seed.seal_to_manager(id, 1, owner.id, &owner.keys.public().sealing),
            }],
            members: members
                .iter()
                .map(|member| SealedTo {
                    account: member.id,
                    seed: seed.seal_to_member(id, 1, member.id, &member.keys.public().sealing),
                })
                .collect(),
        };
        self.store.add_group(owner.id, &group).await.unwrap();
        id
    }

    /// A share, or a transfer, as a client makes it.
    pub async fn new_share(
        &self,
        owner: &Person,
        secrets: &[SecretId],
        recipients: &[(RecipientId, Permission)],
    ) -> NewShare {
        let keys = if recipients.iter().any(|(_, permission)| *permission == Permission::Own) {
            self.store.keys_to_transfer(owner.id, owner.id, secrets).await.unwrap()
        } else {
            self.store.keys_to_share(owner.id, secrets).await.unwrap()
        };
        let ids: Vec<RecipientId> = recipients.iter().map(|(recipient, _)| *recipient).collect();
        let entries = self.store.recipient_keys(owner.id, &ids).await.unwrap();
        self.sealed_share(owner, secrets, recipients, &keys, &entries).await
    }

    /// A share of secrets whose keys are sealed to their owner.
    pub async fn sealed_share(
        &self,
        owner: &Person,
        secrets: &[SecretId],
        recipients: &[(RecipientId, Permission)],
        keys: &[KeyToShare],
        entries: &[RecipientEntry],
    ) -> NewShare {
        self.sealed_as((ShareId::random(), 1), owner, secrets, recipients, keys, entries).await
    }

    /// The same with a certain id, in a certain epoch.
    pub async fn sealed_as(
        &self,
        (share, epoch): (ShareId, u64),
        owner: &Person,
        secrets: &[SecretId],
        recipients: &[(RecipientId, Permission)],
        keys: &[KeyToShare],
        entries: &[RecipientEntry],
    ) -> NewShare {
        let directory = Directory::new(&owner.keys.root(), &self.store.mandates().await.unwrap());
        let share_key = ShareKey::random();
        let mut manifest = Manifest {
            granter: owner.id,
            share,
            epoch,
            key_check: share_key.check(),
            items: secrets.to_vec(),
            grants: recipients.to_vec(),
        };
        manifest.sort();
        let items = manifest
            .items
            .iter()
            .map(|secret| {
                let index = secrets.iter().position(|id| id == secret).unwrap();
                let key = owner.keys.open_secret_key(*secret, &keys[index].key).unwrap();
                share_key.seal_item(share, epoch, *secret, &key)
            })
            .collect();
        let grants = manifest
            .grants
            .iter()
            .map(|(recipient, permission)| {
                let found = entries.iter().find(|entry| entry.recipient() == *recipient).unwrap();
                let key = directory.check_recipient(found, 0).unwrap();
                let place = Place::Grant {
                    granter: owner.id,
                    share,
                    epoch,
                    recipient: *recipient,
                    recipient_epoch: found.pin().epoch,
                    permission: *permission,
                };
                NewGrant { recipient_epoch: found.pin().epoch, key: share_key.seal_grant(&place, &key) }
            })
            .collect();
        let signature = manifest.sign(&owner.keys);
        let of = |secret| secrets.iter().position(|id| id == secret).unwrap();
        let key_epochs = manifest.items.iter().map(|secret| keys[of(secret)].epoch).collect();
        let key = owner.keys.seal_share_key(share, epoch, &share_key);
        NewShare { manifest, signature, key, items, key_epochs, grants, ends_at: None }
    }

    pub async fn share(
        &self,
        owner: &Person,
        secrets: &[SecretId],
        recipients: &[(RecipientId, Permission)],
    ) -> ShareId {
        let new = self.new_share(owner, secrets, recipients).await;
        self.store.add_share(owner.id, &new, None).await.unwrap();
        new.manifest.share
    }

    /// Opens a secret's value as the client of `person` does.
    pub async fn read(&self, person: &Person, secret: SecretId) -> Result<SecretValue, StoreError> {
        let sealed = self.store.open_secret(person.id, secret).await?;
        let key = self.open_key(person, secret, &sealed.opening).await;
        Ok(key.open_value(secret, sealed.value_revision, &sealed.value).unwrap())
    }

    /// Opens the present key of a secret as the client of `person` does.
    pub async fn open_key(&self, person: &Person, secret: SecretId, opening: &Opening) -> SecretKey {
        match opening {
            Opening::Own(key) => person.keys.open_secret_key(secret, key).unwrap(),
            Opening::Shared(path, granter) => {
                let directory = Directory::new(&person.keys.root(), &self.store.mandates().await.unwrap());
                let signed = self.store.manifest(person.id, path.share).await.unwrap();
                let identity = directory.check(granter, 0).unwrap();
                path.open(&person.keys, secret, &signed, &identity).unwrap()
            }
        }
    }

    /// The shares of a person that are due for settling.
    pub async fn due(&self, owner: &Person) -> Vec<ShareId> {
        let text = "SELECT VALUE id FROM share WHERE granter = $owner AND due_since IS NOT NONE";
        let ids: Vec<surrealdb::types::RecordId> =
            query!(self.store.db, text, owner = record::account(owner.id)).unwrap().take(0).unwrap();
        ids.iter().map(|id| record::id(id).unwrap()).collect()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        let ids: Vec<surrealdb::types::RecordId> =
            query!(self.store.db, format!("SELECT VALUE id FROM `{table}`")).unwrap().take(0).unwrap();
        ids.len()
    }

    /// What an administrator's later action does, before there is a page for it.
    pub async fn set(
        &self,
        record: surrealdb::types::RecordId,
        field: &str,
        value: impl surrealdb::types::SurrealValue,
    ) {
        query!(self.store.db, format!("UPDATE $id SET {field} = $value"), id = record, value = value).unwrap();
    }
}

fn described_account(
    username: &str,
    role: Role,
    keys: &AccountKeys,
    sealed: SealedAccount,
    signer: &Person,
) -> NewAccount {
    NewAccount {
        entry: Entry::first(keys, username).sign(&signer.keys),
        name: format!("{} Test", username.to_uppercase()),
        email: format!("{username}@example.com"),
        role,
        keys: NewKeys { password_file: REGISTERED.0.clone(), recovery: None, sealed },
    }
}

/// The founder's account, signed by themselves.
pub(crate) fn founder_account(founder: &Person) -> (NewAccount, Mandate) {
    let sealed = SealedAccount { account_key: vec![1; 73], identity: vec![1; 73] };
    let account = described_account("founder", Role::Administrator, &founder.keys, sealed, founder);
    let mandate = Mandate::sign(&account.entry.entry, &founder.keys);
    (account, mandate)
}

pub(crate) fn new_secret(owner: &Person, name: &str) -> NewSecret {
    let (id, key) = (SecretId::random(), SecretKey::random());
    let value = SecretValue { client_secret: name.into(), notes: String::new() };
    NewSecret {
        id,
        secret: described(name),
        key: owner.keys.seal_secret_key(id, &key),
        value: key.seal_value(id, 1, &value).unwrap(),
    }
}

pub(crate) fn described(name: &str) -> Secret {
    Secret {
        name: name.into(),
        url: "https://example.com".into(),
        client_id: "client".into(),
        identifier: None,
        method: "POST".into(),
        tags: vec!["test".into()],
        rotate_on: None,
    }
}

pub(crate) fn to(person: &Person) -> RecipientId {
    RecipientId::Account(person.id)
}

/// What a refused batch was refused for.
pub(crate) fn problems<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Vec<Problem> {
    match result {
        Err(StoreError::Refused(problems)) => problems,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
