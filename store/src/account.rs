use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, SealedAccount, SignedEntry, Vouch};

use crate::clock::now;
use crate::database::{Store, Tx, insert, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::record;
use crate::recovery::{NewRecovery, kept};
use crate::search::changed;

/// What a person may do beside what is shared with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Has secrets and shares them.
    Member,
    /// Manages people and user groups as well. Gives no access to any secret.
    Administrator,
}

impl Role {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Administrator => "administrator",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "member" => Ok(Self::Member),
            "administrator" => Ok(Self::Administrator),
            other => Err(StoreError::Content(format!("role {other}"))),
        }
    }
}

/// Who uses an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody, who signs in with a password.
    Person,
    /// A program, which has an access key.
    AccessKey,
}

impl Kind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::AccessKey => "access_key",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "person" => Ok(Self::Person),
            "access_key" => Ok(Self::AccessKey),
            other => Err(StoreError::Content(format!("kind of account {other}"))),
        }
    }
}

/// Whether a person can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not yet.
    Invited,
    /// Yes.
    Active,
    /// No more.
    Disabled,
}

impl Status {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "invited" => Ok(Self::Invited),
            "active" => Ok(Self::Active),
            "disabled" => Ok(Self::Disabled),
            other => Err(StoreError::Content(format!("status {other}"))),
        }
    }
}

/// A person of the organization, or an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// Who uses it.
    pub kind: Kind,
    /// What they sign in with.
    pub username: String,
    /// How they are called.
    pub name: String,
    /// Where they get mail.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they can sign in.
    pub status: Status,
    /// Which set of keys they have, or will make, from 1.
    pub epoch: u64,
    /// After how many minutes with nobody at the screen their keys are locked.
    pub idle_minutes: u32,
}

/// An account whose keys are made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Whose keys they are, as an administrator signed it.
    pub entry: SignedEntry,
    /// How they are called.
    pub name: String,
    /// Where they get mail.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Their keys.
    pub keys: NewKeys,
}

/// The sealed keys of a new account.
#[derive(Clone, Debug)]
pub struct NewKeys {
    /// What checks the password.
    pub password_file: Vec<u8>,
    /// The sealed keys.
    pub sealed: SealedAccount,
    /// What opens the account without its password, where its person has a recovery code.
    pub recovery: Option<NewRecovery>,
}

/// The fields that [`AccountRow`] reads.
pub(crate) const FIELDS: &str = "id, kind, username, name, email, role, status, epoch, idle_minutes";

#[derive(SurrealValue)]
pub(crate) struct AccountRow {
    id: RecordId,
    kind: String,
    username: String,
    name: String,
    email: String,
    role: String,
    status: String,
    epoch: i64,
    idle_minutes: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: record::id(&row.id)?,
            kind: Kind::parse(&row.kind)?,
            username: row.username,
            name: row.name,
            email: row.email,
            role: Role::parse(&row.role)?,
            status: Status::parse(&row.status)?,
            epoch: record::number(row.epoch)?,
            idle_minutes: u32::try_from(row.idle_minutes).unwrap_or_default(),
        })
    }
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    username: String,
    username_key: String,
    email: String,
    email_key: String,
    name: String,
    name_key: String,
    role: String,
    status: String,
    password_file: Bytes,
    account_key: Bytes,
    identity: Bytes,
    public_identity: Bytes,
    epoch: i64,
    signer: RecordId,
    signature: Bytes,
    recovery_key: Option<Bytes>,
    recovery_proof: Option<String>,
    created_at: Datetime,
}

impl NewRow {
    fn new(account: &NewAccount) -> Result<Self, StoreError> {
        let (entry, keys) = (&account.entry.entry, &account.keys);
        let Vouch::Signed { signer, signature } = &account.entry.vouch else {
            return Err(StoreError::Malformed("an entry that nobody signed"));
        };
        Ok(Self {
            id: record::account(entry.account),
            username: entry.username.clone(),
            username_key: search_key(&entry.username),
            email: account.email.clone(),
            email_key: search_key(&account.email),
            name: account.name.clone(),
            name_key: search_key(&account.name),
            role: account.role.text().into(),
            status: Status::Active.text().into(),
            password_file: keys.password_file.clone().into(),
            account_key: keys.sealed.account_key.clone().into(),
            identity: keys.sealed.identity.clone().into(),
            public_identity: entry.identity.clone().into(),
            epoch: record::integer(entry.epoch)?,
            signer: record::account(*signer),
            signature: signature.clone().into(),
            recovery_key: keys.recovery.as_ref().map(|recovery| recovery.key.clone().into()),
            recovery_proof: keys.recovery.as_ref().map(|recovery| kept(&recovery.proof)),
            created_at: now(),
        })
    }
}

/// Adds active accounts, all or none.
pub(crate) async fn insert_accounts(tx: &Tx, accounts: &[NewAccount]) -> Result<(), StoreError> {
    let rows = accounts.iter().map(NewRow::new).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id.clone()).collect();
    insert(tx, "account", rows).await.map_err(taken)?;
    changed(tx, &ids).await
}

/// Names the field where another account has the username or email.
pub(crate) fn taken(error: StoreError) -> StoreError {
    if error.violates("account_username") {
        StoreError::Taken("username")
    } else if error.violates("account_email") {
        StoreError::Taken("email")
    } else {
        error
    }
}

impl Store {
    /// Adds active accounts, all or none.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a username or email that somebody has.
    pub async fn add_accounts(&self, accounts: &[NewAccount]) -> Result<(), StoreError> {
        self.transact(|tx| async move { insert_accounts(&tx, accounts).await }).await
    }

    /// Changes what a person says of themselves.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for those who may not sign in.
    pub async fn change_profile(
        &self,
        caller: AccountId,
        name: &str,
        idle_minutes: u32,
    ) -> Result<Account, StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            query!(
                tx,
                "UPDATE $id SET name = $name, name_key = $key, idle_minutes = $minutes RETURN NONE",
                id = record::account(caller),
                name = name.to_owned(),
                key = search_key(name),
                minutes = idle_minutes
            )?;
            changed(&tx, &[record::account(caller)]).await?;
            let text = format!("SELECT {FIELDS} FROM ONLY $id");
            let row: Option<AccountRow> = query!(tx, text, id = record::account(caller))?.take(0)?;
            row.ok_or(StoreError::NotFound)?.try_into()
        })
        .await
    }

    /// One account.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none.
    pub async fn account(&self, id: AccountId) -> Result<Account, StoreError> {
        let text = format!("SELECT {FIELDS} FROM ONLY $id");
        let row: Option<AccountRow> = query!(self.db, text, id = record::account(id))?.take(0)?;
        row.ok_or(StoreError::NotFound)?.try_into()
    }
}

/// Fails unless the account is active, and makes the transaction fail if that or its role changes before it commits.
pub(crate) async fn require_active(tx: &Tx, id: AccountId) -> Result<Role, StoreError> {
    let text = format!("SELECT {FIELDS} FROM ONLY $id FOR UPDATE");
    let row: Option<AccountRow> = query!(tx, text, id = record::account(id))?.take(0)?;
    let account = Account::try_from(row.ok_or(StoreError::Forbidden)?)?;
    if account.status == Status::Active { Ok(account.role) } else { Err(StoreError::Forbidden) }
}

/// Whether the account is an active administrator. The transaction fails if that changes before it commits.
pub(crate) async fn is_administrator(tx: &Tx, id: AccountId) -> Result<bool, StoreError> {
    match require_administrator(tx, id).await {
        Ok(()) => Ok(true),
        Err(StoreError::Forbidden | StoreError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Fails unless the account is an active administrator, and makes the transaction fail if that changes before it commits.
pub(crate) async fn require_administrator(tx: &Tx, id: AccountId) -> Result<(), StoreError> {
    match require_active(tx, id).await? {
        Role::Administrator => Ok(()),
        Role::Member => Err(StoreError::Forbidden),
    }
}
