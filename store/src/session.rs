use std::time::Duration;

use surrealdb::types::{Bytes, Datetime, RecordId, RecordIdKey, SurrealValue};
use vault::{AccountId, SealedAccount};

use crate::account::{Account, AccountRow, FIELDS};
use crate::clock::{Millis, ago, in_seconds, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::recovery::{NewRecovery, kept};
use crate::{directory, record};

/// How long the two steps of a sign-in may be apart.
const LOGIN_SECONDS: i64 = 60;
/// How long somebody has for a second step.
const SECOND_STEP_SECONDS: i64 = 5 * 60;
/// How long a session lasts at most.
const SESSION_SECONDS: i64 = 12 * 60 * 60;

/// The server's state between the two steps of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who signs in; `None` for an unknown username, which fails at the second step.
    account: Option<AccountId>,
    /// The hash of what checks their password: where it was changed in between, the sign-in fails.
    password: String,
    /// Whether the password was right, and only a second step is missing.
    proved: bool,
    /// The state of the protocol; of a sign-in that is proved, what its passkey is to sign.
    pub state: Vec<u8>,
}

impl Login {
    /// Of someone with the password file that was found for them, or of nobody who is known.
    pub fn new(known: Option<(AccountId, &[u8])>, state: Vec<u8>) -> Self {
        let password = record::sha256(known.map(|(_, file)| file).unwrap_or_default());
        Self { account: known.map(|(account, _)| account), password, proved: false, state }
    }

    /// The same sign-in once the password was right, before its second step. `state` is what a passkey is to sign, where one is asked for.
    #[must_use]
    pub fn proved(self, state: Vec<u8>) -> Self {
        Self { proved: true, state, ..self }
    }

    /// Of somebody who is signed in and opens their keys with a passkey. It begins no session.
    pub fn unlocking(account: AccountId, state: Vec<u8>) -> Self {
        Self { account: Some(account), password: String::new(), proved: false, state }
    }

    /// Whose password was right; `None` before that.
    pub fn proved_account(&self) -> Option<AccountId> {
        self.account.filter(|_| self.proved)
    }

    /// Who signs in.
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }
}

#[derive(SurrealValue)]
struct CredentialRow {
    id: RecordId,
    password_file: Bytes,
}

#[derive(SurrealValue)]
struct LoginRow {
    id: RecordId,
    account: Option<RecordId>,
    password: String,
    proved: bool,
    state: Bytes,
    expires_at: Datetime,
}

impl LoginRow {
    fn login(self) -> Result<Login, StoreError> {
        if self.expires_at <= now() {
            return Err(StoreError::NotFound);
        }
        let account = self.account.as_ref().map(record::id).transpose()?;
        Ok(Login { account, password: self.password, proved: self.proved, state: self.state.to_vec() })
    }
}

/// A session, as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Names it; the token cannot be found from it.
    pub id: String,
    /// What the browser said it was.
    pub agent: String,
    /// When it began.
    pub created_at: Millis,
    /// Whether it is the one that asks.
    pub current: bool,
}

#[derive(SurrealValue)]
struct ListedRow {
    id: RecordId,
    agent: String,
    created_at: Datetime,
}

#[derive(SurrealValue)]
pub(crate) struct SignInRow {
    password_file: Bytes,
    account_key: Bytes,
    identity: Bytes,
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    account: RecordId,
    agent: String,
    created_at: Datetime,
    expires_at: Datetime,
}

/// The id of a row that its holder alone can name: the hash of the random token.
fn hashed(table: &str, token: &str) -> RecordId {
    RecordId::new(table, record::sha256(token))
}

impl Store {
    /// Who has this username and what checks their password, if they are active.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn credential(&self, username: &str) -> Result<Option<(AccountId, Vec<u8>)>, StoreError> {
        let row: Option<CredentialRow> = query!(
            self.db,
            "SELECT id, password_file FROM account WHERE username_key = $key AND status = 'active' AND kind = 'person' LIMIT 1",
            key = directory::search_key(username)
        )?
        .take(0)?;
        row.map(|row| Ok((record::id(&row.id)?, row.password_file.to_vec()))).transpose()
    }

    /// Keeps the state of a sign-in under a random token.
    ///
    /// # Errors
    /// Where the database cannot write.
    pub async fn add_login(&self, token: &str, login: &Login) -> Result<(), StoreError> {
        let row = LoginRow {
            id: hashed("login", token),
            account: login.account.map(record::account),
            password: login.password.clone(),
            proved: login.proved,
            state: login.state.clone().into(),
            expires_at: in_seconds(if login.proved { SECOND_STEP_SECONDS } else { LOGIN_SECONDS }),
        };
        query!(self.db, "INSERT INTO login $row RETURN NONE", row = row)?;
        Ok(())
    }

    /// Takes the state of a sign-in: it can be taken once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, used or expired token.
    pub async fn take_login(&self, token: &str) -> Result<Login, StoreError> {
        let row: Option<LoginRow> =
            query!(self.db, "DELETE ONLY $id RETURN BEFORE", id = hashed("login", token))?.take(0)?;
        row.ok_or(StoreError::NotFound)?.login()
    }

    /// The state of a sign-in, which stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, used or expired token.
    pub async fn login(&self, token: &str) -> Result<Login, StoreError> {
        let text = "SELECT id, account, password, proved, state, expires_at FROM ONLY $id";
        let row: Option<LoginRow> = query!(self.db, text, id = hashed("login", token))?.take(0)?;
        row.ok_or(StoreError::NotFound)?.login()
    }

    /// Begins a session under the hash of a random token, for someone whose sign-in succeeded: who they are, and their sealed keys.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where they may not sign in, or their password was changed while they did.
    pub async fn begin_session(
        &self,
        token: &str,
        login: &Login,
        agent: &str,
    ) -> Result<(Account, SealedAccount), StoreError> {
        let account = login.account.ok_or(StoreError::NotFound)?;
        self.transact(|tx| async move {
            let row = signed_in(&tx, account, login).await?;
            begin(&tx, token, account, agent, in_seconds(SESSION_SECONDS)).await?;
            let text = format!("SELECT {FIELDS} FROM ONLY $id");
            let found: Option<AccountRow> = query!(tx, text, id = record::account(account))?.take(0)?;
            let keys = SealedAccount { account_key: row.account_key.to_vec(), identity: row.identity.to_vec() };
            Ok((found.ok_or(StoreError::NotFound)?.try_into()?, keys))
        })
        .await
    }

    /// The sessions of `caller`, the latest first; `token` is the one that asks.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn sessions(&self, caller: AccountId, token: &str) -> Result<Vec<SessionRow>, StoreError> {
        let rows: Vec<ListedRow> = query!(
            self.db,
            "SELECT id, agent, created_at FROM session WHERE account = $account AND expires_at > $now ORDER BY created_at DESC",
            account = record::account(caller),
            now = now()
        )?
        .take(0)?;
        let current = record::sha256(token);
        rows.into_iter()
            .map(|row| {
                let RecordIdKey::String(id) = &row.id.key else {
                    return Err(StoreError::Content("id of a session".into()));
                };
                let (id, created_at) = (id.clone(), millis(&row.created_at));
                Ok(SessionRow { current: id == current, id, agent: row.agent, created_at })
            })
            .collect()
    }

    /// Ends one of `caller`'s sessions.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for one that is not theirs.
    pub async fn end_own_session(&self, caller: AccountId, id: &str) -> Result<(), StoreError> {
        let ended: Vec<RecordId> = query!(
            self.db,
            "SELECT VALUE id FROM (DELETE $id WHERE account = $account RETURN BEFORE)",
            id = RecordId::new("session", id),
            account = record::account(caller)
        )?
        .take(0)?;
        if ended.is_empty() { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Sets a new password for `caller`, who has just proved the old one. Their keys stay; all other sessions end.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the proof was not theirs, or the password was changed in between.
    pub async fn change_password(
        &self,
        caller: AccountId,
        login: &Login,
        password_file: &[u8],
        account_key: &[u8],
        token: &str,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            signed_in(&tx, caller, login).await?;
            query!(
                tx,
                "UPDATE $id SET password_file = $file, account_key = $key RETURN NONE;
                 DELETE session WHERE account = $id AND id != $current RETURN NONE;
                 DELETE login WHERE account = $id RETURN NONE",
                id = record::account(caller),
                file = Bytes::from(password_file.to_vec()),
                key = Bytes::from(account_key.to_vec()),
                current = hashed("session", token)
            )?;
            Ok(())
        })
        .await
    }

    /// Puts a new recovery code in place of the one `caller` has; they have just proved their password.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the proof was not theirs, or the password was changed in between.
    pub async fn change_recovery(
        &self,
        caller: AccountId,
        login: &Login,
        recovery: &NewRecovery,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            signed_in(&tx, caller, login).await?;
            query!(
                tx,
                "UPDATE $id SET recovery_key = $key, recovery_proof = $proof RETURN NONE",
                id = record::account(caller),
                key = Bytes::from(recovery.key.clone()),
                proof = kept(&recovery.proof)
            )?;
            Ok(())
        })
        .await
    }

    /// Whose session it is, if it lasts and the account is active.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn session_account(&self, token: &str) -> Result<Option<Account>, StoreError> {
        let account: Option<RecordId> = query!(
            self.db,
            "SELECT VALUE account FROM ONLY $id WHERE expires_at > $now",
            id = hashed("session", token),
            now = now()
        )?
        .take(0)?;
        let Some(account) = account else { return Ok(None) };
        let text = format!("SELECT {FIELDS} FROM ONLY $account WHERE status = 'active'");
        let row: Option<AccountRow> = query!(self.db, text, account = account)?.take(0)?;
        row.map(Account::try_from).transpose()
    }

    /// Notes that whose session it is has just shown once more that it is they.
    ///
    /// # Errors
    /// Where the database cannot write.
    pub async fn prove_session(&self, token: &str) -> Result<(), StoreError> {
        let text = "UPDATE $id SET proved_at = $now RETURN NONE";
        query!(self.db, text, id = hashed("session", token), now = now())?;
        Ok(())
    }

    /// Whether that was noted within this time.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn is_proved(&self, token: &str, within: Duration) -> Result<bool, StoreError> {
        let found: Option<RecordId> = query!(
            self.db,
            "SELECT VALUE id FROM ONLY $id WHERE proved_at > $since AND expires_at > $now",
            id = hashed("session", token),
            since = ago(within),
            now = now()
        )?
        .take(0)?;
        Ok(found.is_some())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Where the database cannot write.
    pub async fn end_session(&self, token: &str) -> Result<(), StoreError> {
        query!(self.db, "DELETE $id RETURN NONE", id = hashed("session", token))?;
        Ok(())
    }

    /// Removes what has expired, for a task that runs now and then.
    ///
    /// # Errors
    /// Where the database cannot write.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        query!(
            self.db,
            "DELETE login WHERE expires_at < $now RETURN NONE; DELETE session WHERE expires_at < $now RETURN NONE",
            now = now()
        )?;
        Ok(())
    }
}

/// Begins a session of an account.
pub(crate) async fn begin(
    tx: &Tx,
    token: &str,
    account: AccountId,
    agent: &str,
    expires_at: Datetime,
) -> Result<(), StoreError> {
    let session = NewRow {
        id: hashed("session", token),
        account: record::account(account),
        agent: agent.to_owned(),
        created_at: now(),
        expires_at,
    };
    insert(tx, "session", vec![session]).await?;
    query!(tx, "UPDATE $id SET sign_ins += 1 RETURN NONE", id = record::account(account))?;
    Ok(())
}

/// The sealed keys of someone who proved the password that their account still has. The transaction fails if that changes before it commits.
pub(crate) async fn signed_in(tx: &Tx, account: AccountId, login: &Login) -> Result<SignInRow, StoreError> {
    let row: Option<SignInRow> = query!(
        tx,
        "SELECT password_file, account_key, identity FROM ONLY $id WHERE status = 'active' FOR UPDATE",
        id = record::account(account)
    )?
    .take(0)?;
    let holds =
        |row: &SignInRow| login.account == Some(account) && record::sha256(&*row.password_file) == login.password;
    row.filter(holds).ok_or(StoreError::NotFound)
}
