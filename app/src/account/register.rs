//! Makes keys under a new password.

use vault::{AccountId, AccountKeys, ExportKey, Fingerprint, RecoveryCode, Registration};
use zeroize::Zeroizing;

use super::api::NewKeys;
use super::recovery::NewRecovery;
use crate::error::AppError;
use crate::ui::next_frame;

/// The keys of a new account.
pub(crate) struct MadeKeys {
    /// Open, to sign the first entry with.
    pub open: AccountKeys,
    /// Sealed, for the server.
    pub keys: NewKeys,
    /// What opens them without the password.
    pub code: RecoveryCode,
}

/// A new password that the server is asked to register.
pub(crate) struct Registering {
    password: Zeroizing<String>,
    registration: Registration,
    request: Vec<u8>,
}

impl Registering {
    pub(crate) fn start(password: Zeroizing<String>) -> Result<Self, AppError> {
        let (registration, request) = Registration::start(&password)?;
        Ok(Self { password, registration, request })
    }

    /// The message for the server.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.request.clone()
    }

    /// The last message for the server, and what seals the account key.
    pub(crate) async fn finish(self, response: &[u8]) -> Result<(Vec<u8>, ExportKey), AppError> {
        // Stretching keeps the page busy for a moment: let it say so first.
        next_frame().await;
        Ok(self.registration.finish(&self.password, response)?)
    }

    /// The keys of a new account that trusts `root`; the founder's trusts nobody else.
    pub(crate) async fn make_keys(
        self,
        account: AccountId,
        root: Option<Fingerprint>,
        response: &[u8],
    ) -> Result<MadeKeys, AppError> {
        let (upload, export_key) = self.finish(response).await?;
        let (open, sealed) = AccountKeys::create(account, &export_key, root);
        let code = RecoveryCode::random();
        let keys = NewKeys { upload, sealed, recovery: NewRecovery::make(&open, &code) };
        Ok(MadeKeys { open, keys, code })
    }
}
