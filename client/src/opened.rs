use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use vault::{
    AccessKey, AccountKeys, Directory, GroupSigner, Mandate, Opening, Permission, Pins, RecipientEntry, RecipientId,
    SealedAccount, Sealing, SecretId, SecretValue, ShareId, SignedManifest, Trust,
};

use crate::error::ClientError;
use crate::server::Server;
use crate::wire::{
    Bytes, Grant, Item, KeysToShare, NewShare, OwnAccount, Recipient, RecipientIds, RecipientKeys, RecipientKind,
    Recipients, SealedPins, SealedSecret, Secret, SecretIds, Secrets, ShareManifest, Shared,
};

/// The account of an access key with its keys open, which they are in this process alone.
pub(crate) struct Opened {
    server: Server,
    keys: AccountKeys,
    trust: Trust,
    pins_revision: u64,
    manifests: HashMap<ShareId, SignedManifest>,
}

impl Opened {
    /// Signs in, and opens the keys.
    pub async fn open(address: &str, key: &AccessKey) -> Result<Self, ClientError> {
        let server = Server::sign_in(address, key).await?;
        let own: OwnAccount = server.get("/v1/account").await?;
        let unreadable = || ClientError::Sealed("the account of the access key".into());
        let sealed: SealedAccount = own.keys.read().ok_or_else(unreadable)?;
        let keys = AccountKeys::unlock_with_access_key(key, &sealed).map_err(|_| unreadable())?;
        let mandates: Vec<Mandate> = own.mandates.read().ok_or_else(unreadable)?;
        let (pins, pins_revision) = match own.pins {
            Some(SealedPins { revision, pins }) => {
                (keys.open_pins(revision, &pins.0).map_err(|_| unreadable())?, revision)
            }
            None => (Pins::default(), 0),
        };
        let trust = Trust::new(Directory::new(&keys.root(), &mandates), pins);
        Ok(Self { server, keys, trust, pins_revision, manifests: HashMap::new() })
    }

    /// All API secrets there are for it.
    pub async fn secrets(&self) -> Result<Vec<Secret>, ClientError> {
        Ok(self.server.get::<Secrets>("/v1/secrets").await?.secrets)
    }

    /// Opens the value of an API secret. Between two requests its owner's browser may settle the share by which it comes: then the answers do not fit, and
    /// are asked for anew before anybody is alarmed.
    pub async fn value(&mut self, secret: &Secret) -> Result<SecretValue, ClientError> {
        match self.value_once(secret).await {
            Err(ClientError::Sealed(_) | ClientError::Refused { status: 404, .. }) => {
                self.manifests.clear();
                self.value_once(secret).await
            }
            done => done,
        }
    }

    async fn value_once(&mut self, secret: &Secret) -> Result<SecretValue, ClientError> {
        let (id, name) = (SecretId::from(secret.id), &secret.fields.name);
        let sealed: SealedSecret = self.server.post(&format!("/v1/secrets/{id}/open"), &()).await?;
        let does_not_open = || ClientError::Sealed(name.clone());
        let key = match sealed.opening.read().ok_or_else(does_not_open)? {
            Opening::Own(key) => self.keys.open_secret_key(id, &key),
            Opening::Shared(path, granter) => {
                if granter.entry.account != path.granter {
                    return Err(does_not_open());
                }
                let signer = self.trust.signer(&granter, now());
                let signer = signer.map_err(|_| ClientError::Doubted(granter.entry.username.clone()))?;
                self.ask_for_manifest(path.share).await?;
                path.open(&self.keys, id, &self.manifests[&path.share], &signer)
            }
        };
        let key = key.map_err(|_| does_not_open())?;
        key.open_value(id, sealed.value_revision, &sealed.value.0).map_err(|_| does_not_open())
    }

    /// Gets what a share is: once, whatever is opened by it.
    async fn ask_for_manifest(&mut self, share: ShareId) -> Result<(), ClientError> {
        if !self.manifests.contains_key(&share) {
            let found: ShareManifest = self.server.get(&format!("/v1/shares/{share}/manifest")).await?;
            let signed = found.manifest.read().ok_or_else(|| ClientError::Sealed(format!("share {share}")))?;
            self.manifests.insert(share, signed);
        }
        Ok(())
    }

    /// The recipient of this username, or the user group of this name. Private groups are called as their owners like: by its name nobody knows one.
    pub async fn recipient(&self, name: &str) -> Result<Recipient, ClientError> {
        let found: Recipients = self.server.find("/v1/recipients", &[("search", name)]).await?;
        let is_called = |found: &Recipient| {
            found.kind != RecipientKind::PrivateGroup && found.signed_name.to_lowercase() == name.to_lowercase()
        };
        let mut called = found.recipients.into_iter().filter(is_called);
        let first = called.next().ok_or_else(|| ClientError::NoRecipient(name.into()))?;
        if called.next().is_some() { Err(ClientError::Recipients(name.into())) } else { Ok(first) }
    }

    /// Shares API secrets of its own, all or nothing: N of them with M recipients cost N + M operations here.
    pub async fn share(
        &mut self,
        secrets: &[SecretId],
        recipients: &[Recipient],
        permission: Permission,
    ) -> Result<Shared, ClientError> {
        let ids: Vec<RecipientId> = recipients.iter().map(Recipient::recipient).collect();
        let found: RecipientKeys = self.server.post("/v1/recipients/keys", &RecipientIds::of(&ids)).await?;
        let entries: Vec<RecipientEntry> =
            found.entries.read().ok_or_else(|| ClientError::Sealed("the directory".into()))?;
        let is_meant = |entry: &RecipientEntry| recipients.iter().any(|meant| is_of(meant, entry));
        let keys = self.trust.sealing_keys(&entries, is_meant, now()).map_err(|doubts| {
            let doubted = recipients.iter().filter(|meant| doubts.iter().any(|(id, _)| *id == meant.recipient()));
            ClientError::Doubted(doubted.map(|meant| meant.name.as_str()).collect::<Vec<_>>().join(", "))
        })?;

        let asked = SecretIds { secrets: secrets.iter().map(|id| id.uuid()).collect() };
        let known: KeysToShare = self.server.post("/v1/shares/keys", &asked).await?;
        let known: HashMap<SecretId, _> = secrets.iter().copied().zip(known.keys).collect();
        let grants = ids.iter().map(|id| (*id, permission)).collect();
        let mut sealing = Sealing::begin(&self.keys, (ShareId::random(), 1), secrets, grants);
        while let Some(secret) = sealing.next_secret() {
            let unknown = || ClientError::Sealed(secret.to_string());
            let key = known.get(&secret).ok_or_else(unknown)?;
            sealing.add_secret(&key.key.0, key.epoch).map_err(|_| unknown())?;
        }
        while let Some(recipient) = sealing.next_recipient() {
            let (epoch, key) = keys.get(&recipient).ok_or_else(|| ClientError::Sealed("the directory".into()))?;
            sealing.add_recipient(*epoch, key);
        }
        let sealed = sealing.finish();
        let items = sealed.items.into_iter().zip(sealed.key_epochs);
        let new = NewShare {
            manifest: Bytes::of(&sealed.manifest),
            signature: Bytes(sealed.signature),
            key: Bytes(sealed.key),
            items: items.map(|(key, key_epoch)| Item { key: Bytes(key), key_epoch }).collect(),
            grants: sealed
                .grants
                .into_iter()
                .map(|(recipient_epoch, key)| Grant { key: Bytes(key), recipient_epoch })
                .collect(),
            ends_at: None,
        };
        let shared = self.server.post("/v1/shares", &new).await?;
        self.remember().await;
        Ok(shared)
    }

    /// Keeps whose keys were seen, so that others in their place are noticed the next time.
    async fn remember(&self) {
        if self.trust.is_news() {
            let revision = self.pins_revision + 1;
            let pins = SealedPins { revision, pins: Bytes(self.keys.seal_pins(revision, self.trust.pins())) };
            // Another program with the same access key may have been first: then it is remembered at the next time.
            let _ = self.server.put("/v1/account/pins", &pins).await;
        }
    }
}

/// Whether an entry of the directory is of whom is meant: of that name, and no private group that calls itself so.
fn is_of(meant: &Recipient, entry: &RecipientEntry) -> bool {
    let managed_by = match meant.kind {
        RecipientKind::Person | RecipientKind::AccessKey => None,
        RecipientKind::UserGroup => Some(GroupSigner::Administrators),
        RecipientKind::PrivateGroup => Some(GroupSigner::Owner),
    };
    meant.recipient() == entry.recipient() && meant.signed_name == entry.name() && entry.managed_by() == managed_by
}

/// Milliseconds since 1970, by this machine's clock: the one place where time comes in.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use vault::{AccountId, Entry, Fingerprint, GroupId, GroupKey, GroupSeed, SignedGroupKey};

    use super::*;

    #[test]
    fn a_private_group_that_is_called_like_a_user_group_is_not_meant() {
        let key = AccessKey::random(AccountId::random());
        let (keys, _) = AccountKeys::create_for_access_key(&key, Fingerprint::of(b"the founder"));
        let group = GroupId::random();
        let entry = |managed_by| {
            let (name, seed) = ("Operations".to_owned(), GroupSeed::random());
            let key = GroupKey { group, name, managed_by, epoch: 1, key: seed.public_key().to_bytes() };
            let signer = Entry::first(&keys, "mallory").sign(&keys);
            RecipientEntry::Group(SignedGroupKey { signature: key.sign(&keys), key, signer })
        };
        let (kind, name) = (RecipientKind::UserGroup, "Operations".to_owned());
        let meant = Recipient { id: group.uuid(), kind, signed_name: name.clone(), name, active: true };
        assert!(is_of(&meant, &entry(GroupSigner::Administrators)));
        assert!(!is_of(&meant, &entry(GroupSigner::Owner)));
        assert!(!is_of(&Recipient { signed_name: "Other".into(), ..meant }, &entry(GroupSigner::Administrators)));
    }
}
