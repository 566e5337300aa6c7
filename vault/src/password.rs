//! Sign-in by OPAQUE (RFC 9807): the password never leaves the client, not even hashed, and the server's copy of the database is no
//! use for guessing without the server's keys.

use argon2::{Algorithm, Argon2, Params, Version};
use opaque_ke::argon2;
use opaque_ke::ciphersuite::CipherSuite;
use opaque_ke::errors::InternalError;
use opaque_ke::generic_array::{ArrayLength, GenericArray};
use opaque_ke::ksf::Ksf;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialFinalization, CredentialRequest, CredentialResponse, RegistrationRequest, RegistrationResponse,
    RegistrationUpload, Ristretto255, ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::id::AccountId;
use crate::key::{Key, derive};
use crate::place::Place;
use crate::random::SystemRandom;

struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_010::Sha512>;
    type Ksf = Stretching;
}

/// Argon2id with 64 MiB, 3 passes, 1 lane. Fixed by the suite: a server cannot ask a client for less.
#[derive(Default)]
struct Stretching;

impl Ksf for Stretching {
    fn hash<L: ArrayLength<u8>>(&self, input: GenericArray<u8, L>) -> Result<GenericArray<u8, L>, InternalError> {
        let params = Params::new(64 * 1024, 3, 1, None).map_err(|_| InternalError::KsfError)?;
        let mut output = GenericArray::default();
        // No salt is needed: the input is already salted by the server's OPRF key for this account (RFC 9807, 10.6).
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&input, &[0; argon2::RECOMMENDED_SALT_LEN], &mut output)
            .map_err(|_| InternalError::KsfError)?;
        Ok(output)
    }
}

/// What a correct password gives the client, and nobody else: the root of the account's keys.
pub struct ExportKey(Zeroizing<Vec<u8>>);

impl ExportKey {
    pub(crate) fn sealing_key(&self, account: AccountId) -> Key {
        let mut purpose = b"mysafe account key 1".to_vec();
        purpose.extend_from_slice(account.as_bytes());
        derive(&self.0, &purpose)
    }

    #[cfg(test)]
    pub(crate) fn random_for_test() -> Self {
        Self(Zeroizing::new(crate::random::random_bytes::<64>().to_vec()))
    }
}

/// The client's side of setting a password.
pub struct Registration(ClientRegistration<Suite>);

impl Registration {
    /// Begins: the second part goes to the server.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] for a password that the protocol cannot take.
    pub fn start(password: &str) -> Result<(Self, Vec<u8>), VaultError> {
        let start =
            ClientRegistration::start(&mut SystemRandom, password.as_bytes()).map_err(|_| VaultError::TooLong)?;
        Ok((Self(start.state), start.message.serialize().to_vec()))
    }

    /// Ends: the first part goes to the server as the new [`PasswordFile`]. Takes as long as the stretching does.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no answer of a server.
    pub fn finish(self, password: &str, response: &[u8]) -> Result<(Vec<u8>, ExportKey), VaultError> {
        let response = RegistrationResponse::deserialize(response).map_err(|_| VaultError::Format)?;
        let finish = self
            .0
            .finish(&mut SystemRandom, password.as_bytes(), response, ClientRegistrationFinishParameters::default())
            .map_err(|_| VaultError::Format)?;
        let export_key = ExportKey(Zeroizing::new(finish.export_key.to_vec()));
        Ok((finish.message.serialize().to_vec(), export_key))
    }
}

/// The client's side of a sign-in.
pub struct LoginAttempt(ClientLogin<Suite>);

impl LoginAttempt {
    /// Begins: the second part goes to the server.
    ///
    /// # Errors
    /// [`VaultError::Password`] for one that the protocol cannot take, which is nobody's.
    pub fn start(password: &str) -> Result<(Self, Vec<u8>), VaultError> {
        let start = ClientLogin::start(&mut SystemRandom, password.as_bytes()).map_err(|_| VaultError::Password)?;
        Ok((Self(start.state), start.message.serialize().to_vec()))
    }

    /// Ends: the first part goes to the server as proof. Takes as long as the stretching does.
    ///
    /// # Errors
    /// [`VaultError::Password`] for a wrong password or an unknown account, [`VaultError::Format`] for what is no answer of a server.
    pub fn finish(self, password: &str, response: &[u8]) -> Result<(Vec<u8>, ExportKey), VaultError> {
        let response = CredentialResponse::deserialize(response).map_err(|_| VaultError::Format)?;
        let finish = self
            .0
            .finish(&mut SystemRandom, password.as_bytes(), response, ClientLoginFinishParameters::default())
            .map_err(|_| VaultError::Password)?;
        let export_key = ExportKey(Zeroizing::new(finish.export_key.to_vec()));
        Ok((finish.message.serialize().to_vec(), export_key))
    }
}

/// What the server keeps to check one account's password.
#[derive(Clone)]
pub struct PasswordFile(ServerRegistration<Suite>);

impl PasswordFile {
    /// From the client's upload at the end of a registration.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no upload.
    pub fn from_upload(upload: &[u8]) -> Result<Self, VaultError> {
        let upload = RegistrationUpload::deserialize(upload).map_err(|_| VaultError::Format)?;
        Ok(Self(ServerRegistration::finish(upload)))
    }

    /// For the database.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// From the database.
    ///
    /// # Errors
    /// [`VaultError::Format`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        ServerRegistration::deserialize(bytes).map(Self).map_err(|_| VaultError::Format)
    }
}

/// The server's own secrets for sign-in. With a new set, nobody can sign in any more.
pub struct ServerKeys(ServerSetup<Suite>);

impl ServerKeys {
    /// A new random set.
    pub fn random() -> Self {
        Self(ServerSetup::new(&mut SystemRandom))
    }

    /// For the file that keeps them.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.serialize().to_vec())
    }

    /// From the file that keeps them.
    ///
    /// # Errors
    /// [`VaultError::Format`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        ServerSetup::deserialize(bytes).map(Self).map_err(|_| VaultError::Format)
    }

    /// Tells these keys from others, without telling anything of them.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"mysafe server keys");
        hash.update(self.to_bytes());
        hash.finalize().into()
    }

    /// Seals the secret that codes of an account's second step are checked with: a copy of the database alone does not tell it.
    pub fn seal_code_secret(&self, account: AccountId, secret: &[u8]) -> Vec<u8> {
        self.code_key().seal(&Place::CodeSecret(account), secret)
    }

    /// Opens what [`ServerKeys::seal_code_secret`] sealed.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_code_secret(&self, account: AccountId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.code_key().open(&Place::CodeSecret(account), sealed)
    }

    fn code_key(&self) -> Key {
        derive(&self.to_bytes(), b"mysafe code secrets 1")
    }

    /// The server's step of a registration.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no request.
    pub fn register(&self, account: AccountId, request: &[u8]) -> Result<Vec<u8>, VaultError> {
        let request = RegistrationRequest::deserialize(request).map_err(|_| VaultError::Format)?;
        ServerRegistration::start(&self.0, request, account.as_bytes())
            .map(|start| start.message.serialize().to_vec())
            .map_err(|_| VaultError::Format)
    }

    /// The server's first step of a sign-in: its state for the second, and the answer. Where the username is unknown, `known` is
    /// `None` and the answer looks and stays the same as for an account.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no request.
    pub fn start_login(
        &self,
        known: Option<(AccountId, PasswordFile)>,
        username: &str,
        request: &[u8],
    ) -> Result<(ServerLogin, Vec<u8>), VaultError> {
        let request = CredentialRequest::deserialize(request).map_err(|_| VaultError::Format)?;
        let (credential, file) = match known {
            Some((account, file)) => (account.as_bytes().to_vec(), Some(file.0)),
            None => (username.as_bytes().to_vec(), None),
        };
        let start = opaque_ke::ServerLogin::start(
            &mut SystemRandom,
            &self.0,
            file,
            request,
            &credential,
            ServerLoginParameters::default(),
        )
        .map_err(|_| VaultError::Format)?;
        Ok((ServerLogin(start.state), start.message.serialize().to_vec()))
    }
}

/// The server's state between the two steps of a sign-in.
pub struct ServerLogin(opaque_ke::ServerLogin<Suite>);

impl ServerLogin {
    /// For the database.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// From the database.
    ///
    /// # Errors
    /// [`VaultError::Format`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        opaque_ke::ServerLogin::deserialize(bytes).map(Self).map_err(|_| VaultError::Format)
    }

    /// Checks the client's proof.
    ///
    /// # Errors
    /// [`VaultError::Password`] where it does not fit.
    pub fn finish(self, proof: &[u8]) -> Result<(), VaultError> {
        let proof = CredentialFinalization::deserialize(proof).map_err(|_| VaultError::Password)?;
        self.0.finish(proof, ServerLoginParameters::default()).map(|_| ()).map_err(|_| VaultError::Password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(server: &ServerKeys, account: AccountId, password: &str) -> (PasswordFile, ExportKey) {
        let (registration, request) = Registration::start(password).unwrap();
        let response = server.register(account, &request).unwrap();
        let (upload, export_key) = registration.finish(password, &response).unwrap();
        (PasswordFile::from_upload(&upload).unwrap(), export_key)
    }

    #[test]
    fn a_sign_in_gives_the_export_key_of_the_registration() {
        let account = AccountId::random();
        let server = ServerKeys::from_bytes(&ServerKeys::random().to_bytes()).unwrap();
        let (file, registered_key) = registered(&server, account, "correct horse");
        let file = PasswordFile::from_bytes(&file.to_bytes()).unwrap();
        let (attempt, request) = LoginAttempt::start("correct horse").unwrap();
        let (state, response) = server.start_login(Some((account, file)), "ana", &request).unwrap();
        let state = ServerLogin::from_bytes(&state.to_bytes()).unwrap();
        let (proof, export_key) = attempt.finish("correct horse", &response).unwrap();
        assert_eq!(state.finish(&proof), Ok(()));
        assert!(*export_key.0 == *registered_key.0);
    }

    #[test]
    fn a_wrong_password_and_an_unknown_username_fail_alike() {
        let (server, account) = (ServerKeys::random(), AccountId::random());
        let (file, _) = registered(&server, account, "correct horse");
        for known in [Some((account, file)), None] {
            let (attempt, request) = LoginAttempt::start("wrong").unwrap();
            let (_, response) = server.start_login(known, "ana", &request).unwrap();
            assert_eq!(attempt.finish("wrong", &response).err(), Some(VaultError::Password));
        }
    }

    #[test]
    fn hostile_messages_are_refused() {
        let server = ServerKeys::random();
        assert!(server.register(AccountId::random(), &[0; 32]).is_err());
        assert!(server.start_login(None, "ana", b"").is_err());
        assert!(PasswordFile::from_upload(&[1; 7]).is_err());
        assert!(ServerLogin::from_bytes(&[2; 9]).is_err());
        assert!(LoginAttempt::start("x").unwrap().0.finish("x", &[3; 300]).is_err());
    }
}
