//! Passkeys, as the server checks them (`WebAuthn`).

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{NewPasskey, Passkey, StoreError};
use url::{Host, Url};
use vault::AccountId;
use webauthn_rs::prelude::{
    Passkey as Credential, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::backend::Backend;
use crate::error::AppError;

/// What a browser answers is a few kilobytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What checks the passkeys of one address. A browser lets them be used at this address alone.
pub struct Passkeys {
    webauthn: Webauthn,
    origin: String,
}

impl Passkeys {
    /// For the address that people open. Passkeys belong to a name: the numbers of this very machine are called `localhost`, others have none.
    pub fn at(address: &str) -> Option<Self> {
        let mut url = Url::parse(address).ok()?;
        let is_loopback = match url.host()? {
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
            Host::Domain(_) => false,
        };
        if is_loopback {
            url.set_host(Some("localhost")).ok()?;
        }
        let name = url.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&name, &url).ok()?.rp_name("MySafe").build().ok()?;
        Some(Self { webauthn, origin: url.origin().ascii_serialization() })
    }

    /// The one address where they can be used.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// What a browser makes a new passkey from, and what its answer is checked with.
    pub(crate) fn begin_adding(
        &self,
        account: AccountId,
        username: &str,
        known: &[Passkey],
    ) -> Result<(String, Vec<u8>), AppError> {
        let known = credentials(known)?.iter().map(|known| known.cred_id().clone()).collect();
        let (options, state) = self
            .webauthn
            .start_passkey_registration(account.uuid(), username, username, Some(known))
            .map_err(|error| StoreError::Content(format!("passkey of {account}: {error}")))?;
        Ok((text(&options), text(&state).into_bytes()))
    }

    /// Checks the answer of a browser that made a passkey.
    pub(crate) fn finish_adding(
        &self,
        state: &[u8],
        answer: &str,
        name: String,
        account_key: Option<Vec<u8>>,
    ) -> Result<NewPasskey, AppError> {
        let state: PasskeyRegistration = read(state)?;
        let answer: RegisterPublicKeyCredential = read_answer(answer)?;
        let made = self.webauthn.finish_passkey_registration(&answer, &state).map_err(|error| {
            tracing::info!(%error, "a new passkey was refused");
            AppError::WrongPasskey
        })?;
        Ok(NewPasskey { credential_id: made.cred_id().clone(), name, credential: text(&made), account_key })
    }

    /// What a browser asks one of these passkeys to sign, and what its answer is checked with.
    pub(crate) fn begin_using(&self, known: &[Passkey]) -> Result<(String, Vec<u8>), AppError> {
        let (options, state) = self
            .webauthn
            .start_passkey_authentication(&credentials(known)?)
            .map_err(|error| StoreError::Content(format!("passkeys: {error}")))?;
        Ok((text(&options), text(&state).into_bytes()))
    }

    /// Checks the answer of a browser: the passkey that signed, and its state as of now.
    pub(crate) fn finish_using<'a>(
        &self,
        state: &[u8],
        answer: &str,
        known: &'a [Passkey],
    ) -> Result<(&'a Passkey, String), AppError> {
        let state: PasskeyAuthentication = read(state)?;
        let answer: PublicKeyCredential = read_answer(answer)?;
        let result = self.webauthn.finish_passkey_authentication(&answer, &state).map_err(|error| {
            tracing::info!(%error, "a passkey was refused");
            AppError::WrongPasskey
        })?;
        let id = store::passkey_id(result.cred_id());
        let used = known.iter().find(|known| known.id == id).ok_or(AppError::WrongPasskey)?;
        let mut credential = credential(used)?;
        credential.update_credential(&result);
        Ok((used, text(&credential)))
    }
}

/// Checks what a passkey answered, and notes its use: the account key, sealed under what it gives.
pub(crate) async fn check_answer(
    backend: &Backend,
    account: AccountId,
    state: &[u8],
    answer: &str,
) -> Result<Option<Vec<u8>>, AppError> {
    let passkeys = backend.passkeys.as_ref().ok_or(AppError::WrongPasskey)?;
    let known = backend.store.passkeys(account).await?;
    let (used, credential) = passkeys.finish_using(state, answer, &known)?;
    backend.store.use_passkey(account, &used.id, &credential).await.map_err(|error| match error {
        StoreError::NotFound => AppError::WrongPasskey,
        other => other.into(),
    })?;
    Ok(used.account_key.clone())
}

fn credentials(known: &[Passkey]) -> Result<Vec<Credential>, AppError> {
    known.iter().map(credential).collect()
}

fn credential(known: &Passkey) -> Result<Credential, AppError> {
    read(known.credential.as_bytes())
}

/// What we wrote ourselves.
fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(json).map_err(|error| StoreError::Content(format!("passkey: {error}")).into())
}

fn read_answer<T: DeserializeOwned>(json: &str) -> Result<T, AppError> {
    if json.len() > MAX_ANSWER_BYTES {
        return Err(AppError::BadRequest);
    }
    serde_json::from_str(json).map_err(|_| AppError::BadRequest)
}

fn text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("these are maps with texts as keys")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_a_name() {
        let origin = |address: &str| Passkeys::at(address).map(|passkeys| passkeys.origin);
        assert_eq!(origin("https://safe.example.com").as_deref(), Some("https://safe.example.com"));
        assert_eq!(origin("http://127.0.0.1:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("http://[::1]:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("http://localhost:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("https://192.0.2.1"), None);
        assert_eq!(origin("no address"), None);
    }

    #[test]
    fn answers_that_are_none_are_refused() {
        let passkeys = Passkeys::at("http://localhost:3000").unwrap();
        let (options, state) = passkeys.begin_adding(AccountId::random(), "ana", &[]).unwrap();
        assert!(options.contains(r#""userVerification":"required""#), "{options}");
        let huge = "x".repeat(MAX_ANSWER_BYTES + 1);
        for answer in ["", "{}", "null", &huge] {
            let made = passkeys.finish_adding(&state, answer, "Key".into(), None);
            assert_eq!(made.err(), Some(AppError::BadRequest), "{answer:.20}");
        }
        // What was begun for the one does not end the other.
        assert!(matches!(passkeys.finish_using(&state, "{}", &[]), Err(AppError::Internal { .. })));
    }
}
