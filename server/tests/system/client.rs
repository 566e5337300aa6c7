//! A client of a running server, as an open page is one: with keys that the server never has.

use std::net::SocketAddr;
use std::time::Duration;

use app::access::api::AccessChange;
use app::account::api::{Challenge, Proved};
use app::error::AppError;
use app::group::api::{GroupDetails, GroupFields, NewEpoch, NewGroup, SealedTo};
use app::secret::api::{NewSecret, NewValue, SealedSecret, SecretChange, SecretFields, SecretRow};
use app::secret::since::AsOf;
use app::share::api::{KeyToShare, NewShare, Shared};
use axum::http::header;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vault::{
    AccountId, AccountKeys, BatchId, Directory, Grants, GroupId, GroupKey, GroupSeed, GroupSigner, LoginAttempt,
    Mandate, Manifest, Opening, Place, PublicKey, RecipientEntry, RecipientId, Roster, SecretId, SecretKey,
    SecretValue, ShareId, ShareKey, SignedManifest,
};

/// For what comes within seconds, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(2);
/// Everyone's in the demo organization.
const PASSWORD: &str = "mysafe-demo";

/// Somebody who is signed in.
pub struct Client {
    http: reqwest::Client,
    url: String,
    pub cookie: String,
    pub keys: AccountKeys,
    /// Whose word counts.
    directory: Directory,
}

/// An open stream of live events.
pub struct Heard {
    response: reqwest::Response,
    text: String,
}

impl Heard {
    /// The next event that begins with a word.
    pub async fn next(&mut self, word: &str) -> String {
        loop {
            while let Some((line, rest)) = self.text.split_once('\n') {
                let event = line.strip_prefix("data: ").filter(|event| event.starts_with(word)).map(str::to_owned);
                self.text = rest.to_owned();
                if let Some(event) = event {
                    return event;
                }
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("told in time");
            let more = more.unwrap().expect("the stream goes on");
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }
}

impl Client {
    /// Signs in with [`PASSWORD`].
    pub async fn sign_in(address: SocketAddr, username: &str) -> Result<Self, AppError> {
        Self::sign_in_with(address, username, PASSWORD).await
    }

    /// Signs in with another password.
    pub async fn sign_in_with(address: SocketAddr, username: &str, password: &str) -> Result<Self, AppError> {
        let (http, url) = (reqwest::Client::new(), format!("http://{address}/api"));
        let (attempt, request) = LoginAttempt::start(password).unwrap();
        let (challenge, _): (Challenge, _) = ask(&http, &url, "", "begin_sign_in", &(username, request)).await?;
        let (proof, export_key) = attempt.finish(password, &challenge.message).map_err(|_| AppError::WrongPassword)?;
        let (proved, cookie): (Proved, _) = ask(&http, &url, "", "finish_sign_in", &(challenge.token, proof)).await?;
        let Proved::SignedIn(signed_in) = proved else { panic!("nobody has a second step") };
        let keys = AccountKeys::unlock(signed_in.profile.id, &export_key, &signed_in.keys).unwrap();
        let (mandates, _): (Vec<Mandate>, _) = ask(&http, &url, &cookie, "mandates", &()).await?;
        let directory = Directory::new(&keys.root(), &mandates);
        Ok(Self { http, url, cookie, keys, directory })
    }

    /// The same person with the same session, at another server.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self {
            http: self.http.clone(),
            url: format!("http://{address}/api"),
            cookie: self.cookie.clone(),
            keys: self.keys.clone(),
            directory: self.directory.clone(),
        }
    }

    /// Listens to what concerns them.
    pub async fn hears(&self) -> Heard {
        let live = self.http.get(format!("{}/live", self.url)).header(header::COOKIE, &self.cookie);
        let mut heard = Heard { response: live.send().await.unwrap().error_for_status().unwrap(), text: String::new() };
        // A page that says nothing of what it has seen is told to look first.
        heard.next("look").await;
        heard
    }

    /// What the cookie holds.
    pub fn token(&self) -> &str {
        self.cookie.split_once('=').unwrap().1
    }

    /// Who it is.
    pub fn id(&self) -> AccountId {
        self.keys.account()
    }

    /// Calls a server function with its arguments, in their order.
    pub async fn call<T: DeserializeOwned>(&self, function: &str, arguments: &impl Serialize) -> Result<T, AppError> {
        ask(&self.http, &self.url, &self.cookie, function, arguments).await.map(|(answer, _)| answer)
    }

    /// The names of what there is to see.
    pub async fn list(&self) -> Result<Vec<SecretRow>, AppError> {
        self.call::<(Vec<SecretRow>, AsOf)>("list_secrets", &()).await.map(|(rows, _)| rows)
    }

    /// Adds a secret with this value.
    pub async fn add_secret(&self, name: &str, value: &str) -> Result<SecretId, AppError> {
        let (id, key) = (SecretId::random(), SecretKey::random());
        let sealed = key.seal_value(id, 1, &plain(value)).unwrap();
        let new = NewSecret { id, fields: fields(name), key: self.keys.seal_secret_key(id, &key), value: sealed };
        self.call::<()>("add_secret", &(new,)).await?;
        Ok(id)
    }

    /// The value of a secret, once everything about it has been checked.
    pub async fn open(&self, id: SecretId) -> Result<String, AppError> {
        let sealed: SealedSecret = self.call("open_secret", &(id,)).await?;
        let key = self.open_key(id, &sealed.opening).await?;
        Ok(key.open_value(id, sealed.value_revision, &sealed.value).unwrap().client_secret.clone())
    }

    /// Saves another value.
    pub async fn change(&self, id: SecretId, name: &str, value: &str) -> Result<(), AppError> {
        let sealed: SealedSecret = self.call("open_secret", &(id,)).await?;
        let key = self.open_key(id, &sealed.opening).await?;
        let revision = sealed.revision + 1;
        let sealed = key.seal_value(id, revision, &plain(value)).unwrap();
        let value = Some(NewValue { sealed, rotates: true, restores: None });
        self.call("change_secret", &(SecretChange { id, fields: fields(name), revision, value },)).await
    }

    /// The same by somebody who has not its key. The revision fits, at first, a secret that was never changed.
    pub async fn change_made_up(&self, id: SecretId, name: &str) -> Result<(), AppError> {
        let (revision, sealed) = (2, SecretKey::random().seal_value(id, 2, &plain("made up")).unwrap());
        let value = Some(NewValue { sealed, rotates: true, restores: None });
        self.call("change_secret", &(SecretChange { id, fields: fields(name), revision, value },)).await
    }

    async fn open_key(&self, secret: SecretId, opening: &Opening) -> Result<SecretKey, AppError> {
        let (path, granter) = match opening {
            Opening::Own(key) => return Ok(self.keys.open_secret_key(secret, key).unwrap()),
            Opening::Shared(path, granter) => (path, granter),
        };
        let identity = self.directory.check(granter, 0).unwrap();
        let signed: SignedManifest = self.call("share_manifest", &(path.share,)).await?;
        Ok(path.open(&self.keys, secret, &signed, &identity).unwrap())
    }

    /// The keys of people and groups, as far as somebody whose word counts has signed them; the own one is known.
    pub async fn keys_of(&self, recipients: &[RecipientId]) -> Result<Vec<(u64, PublicKey)>, AppError> {
        let own = RecipientId::Account(self.id());
        let others: Vec<RecipientId> = recipients.iter().copied().filter(|recipient| *recipient != own).collect();
        let entries: Vec<RecipientEntry> =
            if others.is_empty() { Vec::new() } else { self.call("recipient_keys", &(others,)).await? };
        let key_of = |recipient: &RecipientId| {
            if *recipient == own {
                return (1, self.keys.public().sealing.clone());
            }
            let entry = entries.iter().find(|entry| entry.recipient() == *recipient).unwrap();
            (entry.pin().epoch, self.directory.check_recipient(entry, 0).unwrap())
        };
        Ok(recipients.iter().map(key_of).collect())
    }

    /// Seals what the caller owns for others; `grants` with [`vault::Permission::Own`] make it a transfer.
    pub async fn seal(&self, function: &str, secrets: &[SecretId], grants: &Grants) -> Result<NewShare, AppError> {
        let keys: Vec<KeyToShare> = match function {
            "keys_to_transfer" => self.call(function, &(secrets, None::<AccountId>)).await?,
            _ => self.call(function, &(secrets,)).await?,
        };
        let opened = secrets
            .iter()
            .zip(&keys)
            .map(|(secret, known)| (*secret, known.epoch, self.keys.open_secret_key(*secret, &known.key).unwrap()));
        let recipients: Vec<RecipientId> = grants.iter().map(|(recipient, _)| *recipient).collect();
        Ok(self.sealed(opened.collect(), grants, &self.keys_of(&recipients).await?))
    }

    /// A share of secrets whose keys are known, or made up.
    pub fn sealed(
        &self,
        mut secrets: Vec<(SecretId, u64, SecretKey)>,
        grants: &Grants,
        recipients: &[(u64, PublicKey)],
    ) -> NewShare {
        let (share, epoch, key, granter) = (ShareId::random(), 1, ShareKey::random(), self.id());
        secrets.sort_by_key(|(id, ..)| *id);
        let mut manifest = Manifest {
            granter,
            share,
            epoch,
            key_check: key.check(),
            items: secrets.iter().map(|(id, ..)| *id).collect(),
            grants: grants.clone(),
        };
        manifest.sort();
        let items = secrets.iter().map(|(id, _, secret)| key.seal_item(share, epoch, *id, secret)).collect();
        let sealed = manifest.grants.iter().map(|(recipient, permission)| {
            let index = grants.iter().position(|(known, _)| known == recipient).unwrap();
            let (recipient_epoch, public) = &recipients[index];
            let (recipient, permission, recipient_epoch) = (*recipient, *permission, *recipient_epoch);
            let place = Place::Grant { granter, share, epoch, recipient, recipient_epoch, permission };
            (recipient_epoch, key.seal_grant(&place, public))
        });
        NewShare {
            signature: manifest.sign(&self.keys),
            key: self.keys.seal_share_key(share, epoch, &key),
            items,
            key_epochs: secrets.iter().map(|(_, epoch, _)| *epoch).collect(),
            grants: sealed.collect(),
            ends_at: None,
            manifest,
        }
    }

    /// Shares what the caller owns.
    pub async fn share(&self, secrets: &[SecretId], grants: &Grants) -> Result<ShareId, AppError> {
        let new = self.seal("keys_to_share", secrets, grants).await?;
        self.send(&new).await
    }

    /// Sends a share that is sealed already.
    pub async fn send(&self, new: &NewShare) -> Result<ShareId, AppError> {
        let shared: Shared = self.call("share_secrets", &(new, None::<BatchId>)).await?;
        assert_eq!((shared.items as usize, shared.grants as usize), (new.items.len(), new.grants.len()));
        Ok(new.manifest.share)
    }

    /// Lowers permissions, or ends them.
    pub async fn limit(
        &self,
        secrets: &[SecretId],
        limits: &[(RecipientId, Option<vault::Permission>)],
    ) -> Result<(), AppError> {
        let (secrets, limits) = (secrets.to_vec(), limits.to_vec());
        let change = AccessChange { id: BatchId::random(), secrets, limits, shares: Vec::new() };
        self.call("change_access", &(change,)).await
    }

    /// Makes a group of nobody.
    pub async fn add_group(&self, name: &str, user_group: bool) -> Result<GroupId, AppError> {
        let (id, seed) = (GroupId::random(), GroupSeed::random());
        let key = group_key(id, name, user_group, 1, &seed);
        let fields = GroupFields { name: name.into(), description: String::new(), members_can_view: false };
        let new = NewGroup {
            id,
            user_group,
            fields,
            signature: key.sign(&self.keys),
            public_key: key.key,
            managers: vec![self.seal_as_manager(id, 1, &seed)],
            roster_signature: Roster::new(id, 1, []).sign(&self.keys),
        };
        self.call::<()>("add_group", &(new,)).await?;
        Ok(id)
    }

    /// Adds one person to a group that the caller manages.
    pub async fn add_member(&self, group: GroupId, member: AccountId) -> Result<(), AppError> {
        let details: GroupDetails = self.call("get_group", &(group,)).await?;
        let sealed = details.seed.ok_or(AppError::Forbidden)?;
        let seed = GroupSeed::open_as_manager(&self.keys, group, sealed.epoch, &sealed.seed).unwrap();
        let key = self.keys_of(&[RecipientId::Account(member)]).await?.remove(0).1;
        let new = SealedTo { account: member, seed: seed.seal_to_member(group, sealed.epoch, member, &key) };
        let all = details.roster.roster.members.into_iter().filter(|known| *known != member).chain([member]);
        let roster = Roster::new(group, sealed.epoch, all).sign(&self.keys);
        self.call("add_members", &(group, sealed.epoch, vec![new], roster)).await
    }

    /// Removes one person from it; the others get a new key.
    pub async fn remove_member(&self, group: GroupId, member: AccountId, stay: &[AccountId]) -> Result<(), AppError> {
        let details: GroupDetails = self.call("get_group", &(group,)).await?;
        let sealed = details.seed.ok_or(AppError::Forbidden)?;
        let earlier = GroupSeed::open_as_manager(&self.keys, group, sealed.epoch, &sealed.seed).unwrap();
        let (epoch, seed) = (sealed.epoch + 1, GroupSeed::random());
        let user_group = details.group.owner.is_none();
        let key = group_key(group, &details.group.name, user_group, epoch, &seed);
        let recipients: Vec<RecipientId> = stay.iter().copied().map(RecipientId::Account).collect();
        let keys = self.keys_of(&recipients).await?;
        let new = NewEpoch {
            epoch,
            signature: key.sign(&self.keys),
            public_key: key.key,
            earlier: seed.seal_earlier(group, epoch, &earlier),
            managers: vec![self.seal_as_manager(group, epoch, &seed)],
            members: stay
                .iter()
                .zip(&keys)
                .map(|(account, (_, key))| SealedTo {
                    account: *account,
                    seed: seed.seal_to_member(group, epoch, *account, key),
                })
                .collect(),
            roster_signature: Roster::new(group, epoch, stay.iter().copied()).sign(&self.keys),
        };
        self.call("remove_members", &(group, vec![member], new)).await
    }

    /// The same by somebody who does not manage it, and makes up what they do not have.
    pub async fn remove_made_up(&self, group: GroupId, member: AccountId) -> Result<(), AppError> {
        let seed = GroupSeed::random();
        let key = group_key(group, "Made up", false, 2, &seed);
        let new = NewEpoch {
            epoch: 2,
            signature: key.sign(&self.keys),
            public_key: key.key,
            earlier: seed.seal_earlier(group, 2, &GroupSeed::random()),
            managers: vec![self.seal_as_manager(group, 2, &seed)],
            members: Vec::new(),
            roster_signature: Roster::new(group, 2, []).sign(&self.keys),
        };
        self.call("remove_members", &(group, vec![member], new)).await
    }

    fn seal_as_manager(&self, group: GroupId, epoch: u64, seed: &GroupSeed) -> SealedTo {
        let own = &self.keys.public().sealing;
        SealedTo { account: self.id(), seed: seed.seal_to_manager(group, epoch, self.id(), own) }
    }
}

pub fn fields(name: &str) -> SecretFields {
    SecretFields {
        name: name.into(),
        url: "https://example.com".into(),
        client_id: "client".into(),
        ..SecretFields::default()
    }
}

fn group_key(group: GroupId, name: &str, user_group: bool, epoch: u64, seed: &GroupSeed) -> GroupKey {
    let managed_by = if user_group { GroupSigner::Administrators } else { GroupSigner::Owner };
    GroupKey { group, name: name.into(), managed_by, epoch, key: seed.public_key().to_bytes() }
}

fn plain(value: &str) -> SecretValue {
    SecretValue { client_secret: value.into(), notes: String::new() }
}

/// One request: the answer, and the cookie that came with it.
async fn ask<T: DeserializeOwned>(
    http: &reqwest::Client,
    url: &str,
    cookie: &str,
    function: &str,
    arguments: &impl Serialize,
) -> Result<(T, String), AppError> {
    let request = http
        .post(format!("{url}/{function}"))
        .header(header::CONTENT_TYPE, "application/x-postcard")
        .header(header::COOKIE, cookie)
        .body(postcard::to_allocvec(arguments).unwrap());
    let answer = request.send().await.map_err(|_| AppError::Offline)?;
    let (is_done, headers) = (answer.status().is_success(), answer.headers().clone());
    let body = answer.bytes().await.map_err(|_| AppError::Offline)?;
    if is_done {
        let cookie = headers.get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        return Ok((postcard::from_bytes(&body).unwrap(), cookie.to_owned()));
    }
    Err(postcard::from_bytes(&body).unwrap_or(AppError::UnreadableAnswer))
}
