//! Access keys: accounts that programs use. Like people they have keys of their own, are shared with, and own what they add; unlike them they have no
//! password, no email and no role.

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, PublicIdentity, SealedAccount, SignedEntry, Vouch};

use crate::account::{Account, AccountRow, FIELDS, Kind, Role, Status, require_administrator, taken};
use crate::audit::{Event, note};
use crate::clock::{Millis, in_seconds, millis, now, time};
use crate::database::{Store, Tx, insert, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::recovery::kept;
use crate::search::changed;
use crate::trust::require_mandate;
use crate::{record, session};

/// How long a program is signed in.
const TOKEN_SECONDS: i64 = 60 * 60;

/// An access key, made and signed by an administrator's client.
#[derive(Clone, Debug)]
pub struct NewAccessKey {
    /// Its keys' public halves, as the administrator signed them.
    pub entry: SignedEntry,
    /// What it is for.
    pub name: String,
    /// Its keys, sealed under the access key.
    pub sealed: SealedAccount,
    /// What shows that one has the access key; its hash is kept.
    pub client_secret: String,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
}

/// An access key as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKeyRow {
    /// Its account.
    pub account: Account,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// When a program signed in with it last.
    pub last_used_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    /// How the administrator is called who made it.
    pub created_by: String,
}

#[derive(SurrealValue)]
struct NewAccountRow {
    id: RecordId,
    kind: String,
    username: String,
    username_key: String,
    email: String,
    email_key: String,
    name: String,
    name_key: String,
    role: String,
    status: String,
    account_key: Bytes,
    identity: Bytes,
    public_identity: Bytes,
    epoch: i64,
    signer: RecordId,
    signature: Bytes,
    created_at: Datetime,
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    proof: String,
    created_by: RecordId,
    created_at: Datetime,
    expires_at: Option<Datetime>,
}

#[derive(SurrealValue)]
struct ListedRow {
    id: RecordId,
    created_by: Option<String>,
    created_at: Datetime,
    expires_at: Option<Datetime>,
    last_used_at: Option<Datetime>,
}

#[derive(SurrealValue)]
struct ProofRow {
    proof: String,
    expires_at: Option<Datetime>,
}

#[derive(SurrealValue)]
struct KeysRow {
    account_key: Bytes,
    identity: Bytes,
}

impl Store {
    /// Adds an access key, whose entry in the directory `caller` has signed.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NoMandate`] for administrators whose signature does not count yet, [`StoreError::Taken`]
    /// for a username that somebody has, [`StoreError::Reused`] for an id that is there, [`StoreError::Malformed`] for a signature that does not fit.
    pub async fn add_access_key(&self, caller: AccountId, new: &NewAccessKey) -> Result<(), StoreError> {
        let expires_at = new.expires_at.map(time).transpose()?;
        self.transact(|tx| async move {
            let signer = require_mandate(&tx, caller).await?;
            let entry = &new.entry.entry;
            let Vouch::Signed { signer: by, signature } = &new.entry.vouch else {
                return Err(StoreError::Malformed("an entry that nobody signed"));
            };
            let fits = *by == caller
                && new.entry.is_by(&signer)
                && entry.epoch == 1
                && PublicIdentity::from_bytes(&entry.identity).is_ok();
            if !fits {
                return Err(StoreError::Malformed("the signature of the entry"));
            }
            let id = record::account(entry.account);
            let known: Option<RecordId> = query!(tx, "SELECT VALUE id FROM ONLY $id", id = id.clone())?.take(0)?;
            if known.is_some() {
                return Err(StoreError::Reused);
            }
            let row = NewAccountRow {
                id: id.clone(),
                kind: Kind::AccessKey.text().into(),
                username: entry.username.clone(),
                username_key: search_key(&entry.username),
                email: String::new(),
                // None has the same: nobody is found by it.
                email_key: entry.account.to_string(),
                name: new.name.clone(),
                name_key: search_key(&new.name),
                role: Role::Member.text().into(),
                status: Status::Active.text().into(),
                account_key: new.sealed.account_key.clone().into(),
                identity: new.sealed.identity.clone().into(),
                public_identity: entry.identity.clone().into(),
                epoch: record::integer(entry.epoch)?,
                signer: record::account(caller),
                signature: signature.clone().into(),
                created_at: now(),
            };
            insert(&tx, "account", vec![row]).await.map_err(taken)?;
            let row = NewRow {
                id: record::access_key(entry.account),
                proof: kept(new.client_secret.as_bytes()),
                created_by: record::account(caller),
                created_at: now(),
                expires_at,
            };
            insert(&tx, "access_key", vec![row]).await?;
            changed(&tx, &[id]).await?;
            note(&tx, Event::AccessKeyAdded, caller, entry.account).await
        })
        .await
    }

    /// All access keys, by name.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn access_keys(&self, caller: AccountId) -> Result<Vec<AccessKeyRow>, StoreError> {
        let (accounts, rows) = self
            .transact(|tx| async move {
                require_administrator(&tx, caller).await?;
                let text = format!(
                    "SELECT {FIELDS}, name_key FROM account WHERE kind = 'access_key' ORDER BY name_key;
                     SELECT id, created_by.name AS created_by, created_at, expires_at, last_used_at FROM access_key"
                );
                let mut answer = query!(tx, text)?;
                let (accounts, rows): (Vec<AccountRow>, Vec<ListedRow>) = (answer.take(0)?, answer.take(1)?);
                Ok((accounts, rows))
            })
            .await?;
        let mut found = Vec::with_capacity(accounts.len());
        for account in accounts {
            let account = Account::try_from(account)?;
            let id = record::access_key(account.id);
            let row = rows.iter().find(|row| row.id == id);
            let row = row.ok_or_else(|| StoreError::Content(format!("access key of {}", account.id)))?;
            found.push(AccessKeyRow {
                expires_at: row.expires_at.as_ref().map(millis),
                last_used_at: row.last_used_at.as_ref().map(millis),
                created_at: millis(&row.created_at),
                created_by: row.created_by.clone().unwrap_or_default(),
                account,
            });
        }
        Ok(found)
    }

    /// Begins a session under the hash of a random token, for a program that shows that it has the access key: of an hour, or until the
    /// access key ends. For how many seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, disabled or ended access key, and for a wrong secret: it does not tell which.
    pub async fn begin_access(&self, token: &str, account: AccountId, client_secret: &str) -> Result<u64, StoreError> {
        self.transact(|tx| async move {
            let id = record::access_key(account);
            let text = "SELECT proof, expires_at FROM ONLY $id WHERE expires_at IS NONE OR expires_at > $now";
            let known: Option<ProofRow> = query!(tx, text, id = id.clone(), now = now())?.take(0)?;
            let text = "SELECT VALUE id FROM ONLY $id WHERE status = 'active' FOR UPDATE";
            let active: Option<RecordId> = query!(tx, text, id = record::account(account))?.take(0)?;
            let known = known.filter(|known| active.is_some() && known.proof == kept(client_secret.as_bytes()));
            let longest = in_seconds(TOKEN_SECONDS);
            let until = known.ok_or(StoreError::NotFound)?.expires_at.map_or(longest, |end| end.min(longest));
            session::begin(&tx, token, account, "access key", until).await?;
            query!(
                tx,
                "UPDATE $id SET last_used_at = $now WHERE (last_used_at ?? d'1970-01-01T00:00:00Z') < $now - 1m RETURN NONE",
                id = id,
                now = now()
            )?;
            record::number(until.timestamp() - now().timestamp())
        })
        .await
    }

    /// The sealed keys of an access key, for the program that has it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such access key.
    pub async fn access_key_keys(&self, account: AccountId) -> Result<SealedAccount, StoreError> {
        let text = "SELECT account_key, identity FROM ONLY $id WHERE kind = 'access_key'";
        let row: Option<KeysRow> = query!(self.db, text, id = record::account(account))?.take(0)?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(SealedAccount { account_key: row.account_key.to_vec(), identity: row.identity.to_vec() })
    }
}

/// Fails for an access key, where only a person will do.
pub(crate) async fn require_person(tx: &Tx, account: AccountId) -> Result<(), StoreError> {
    let text = "SELECT VALUE id FROM ONLY $id WHERE kind = 'access_key'";
    let found: Option<RecordId> = query!(tx, text, id = record::account(account))?.take(0)?;
    if found.is_none() { Ok(()) } else { Err(StoreError::Malformed("an access key in the place of a person")) }
}
