//! Server functions for a new password without the old one, and what travels where an account is opened anew.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, AccountKeys, RecoveryCode};

use crate::error::AppError;

/// What opens an account without its password: made from a recovery code, which stays with the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewRecovery {
    /// The account key, sealed under the code.
    pub key: Vec<u8>,
    /// What shows that one has the code.
    pub proof: Vec<u8>,
}

impl NewRecovery {
    /// From open keys and a code.
    pub fn make(keys: &AccountKeys, code: &RecoveryCode) -> Self {
        Self { key: keys.seal_for_recovery(code), proof: code.proof().to_vec() }
    }
}

/// The server's answer to the first step of a recovery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recoverable {
    /// The account.
    pub account: AccountId,
    /// The account key, sealed under the recovery code.
    pub key: Vec<u8>,
    /// The seeds of the identity, sealed under the account key.
    pub identity: Vec<u8>,
    /// The message of the new password's registration.
    pub message: Vec<u8>,
}

/// A new password, and a new recovery code in place of the used one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewPassword {
    /// The last message of the password's registration.
    pub upload: Vec<u8>,
    /// The account key, sealed under the password.
    pub account_key: Vec<u8>,
    /// The new code.
    pub recovery: NewRecovery,
}

/// First step of a recovery: hands out what the code opens, and the server's part of the new password's registration.
#[server(prefix = "/api", endpoint = "begin_recovery", input = Postcard, output = Postcard)]
pub async fn begin_recovery(username: String, proof: Vec<u8>, request: Vec<u8>) -> Result<Recoverable, AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(Some(&username))?;
        let backend = backend();
        let found = backend.store.recoverable(&username, &proof).await.map_err(wrong_code)?;
        let message = backend.keys.register(found.account, &request).map_err(|_| AppError::BadRequest)?;
        Ok(Recoverable { account: found.account, key: found.key, identity: found.identity, message })
    })
    .await
}

/// Second step: sets the new password. The code is used up, and all sessions of the account end.
#[server(prefix = "/api", endpoint = "finish_recovery", input = Postcard, output = Postcard)]
pub async fn finish_recovery(username: String, proof: Vec<u8>, new: NewPassword) -> Result<(), AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(Some(&username))?;
        let account = backend().store.recover(&username, &proof, &new.checked()?).await.map_err(wrong_code)?;
        tracing::info!(%account, "password set with the recovery code");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
fn wrong_code(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::NotFound => AppError::WrongRecoveryCode,
        other => other.into(),
    }
}

#[cfg(feature = "ssr")]
impl NewPassword {
    /// What the server keeps of it, as far as it can check it.
    pub(crate) fn checked(self) -> Result<store::NewPassword, AppError> {
        super::api::check_boxes([&self.account_key, &self.recovery.key, &self.recovery.proof])?;
        let file = vault::PasswordFile::from_upload(&self.upload).map_err(|_| AppError::BadRequest)?;
        Ok(store::NewPassword {
            password_file: file.to_bytes(),
            account_key: self.account_key,
            recovery: self.recovery.into(),
        })
    }
}

#[cfg(feature = "ssr")]
impl From<NewRecovery> for store::NewRecovery {
    fn from(recovery: NewRecovery) -> Self {
        Self { key: recovery.key, proof: recovery.proof }
    }
}
