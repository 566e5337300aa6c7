//! Makes keys under a new password.

use vault::{AccountId, AccountKeys, ExportKey, RecoveryCode, Registration};
use zeroize::Zeroizing;

use super::api::{NewKeys, NewRecovery};
use crate::error::AppError;
use crate::ui::next_frame;

/// A new password that the server is asked to register.
pub(super) struct Registering {
    password: Zeroizing<String>,
    registration: Registration,
    request: Vec<u8>,
}

impl Registering {
    pub(super) fn start(password: Zeroizing<String>) -> Result<Self, AppError> {
        let (registration, request) = Registration::start(&password)?;
        Ok(Self { password, registration, request })
    }

    /// The message for the server.
    pub(super) fn request(&self) -> Vec<u8> {
        self.request.clone()
    }

    /// The last message for the server, and what seals the account key.
    pub(super) async fn finish(self, response: &[u8]) -> Result<(Vec<u8>, ExportKey), AppError> {
        // Stretching keeps the page busy for a moment: let it say so first.
        next_frame().await;
        Ok(self.registration.finish(&self.password, response)?)
    }

    /// The keys of a new account, and the code that opens them without the password.
    pub(super) async fn make_keys(
        self,
        account: AccountId,
        response: &[u8],
    ) -> Result<(NewKeys, RecoveryCode), AppError> {
        let (upload, export_key) = self.finish(response).await?;
        let (keys, sealed) = AccountKeys::create(account, &export_key, None);
        let code = RecoveryCode::random();
        let new = NewKeys {
            upload,
            sealed,
            public_identity: keys.public().to_bytes(),
            recovery: NewRecovery::make(&keys, &code),
        };
        Ok((new, code))
    }
}
