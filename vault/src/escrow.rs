//! An account key that any two administrators open together, and none alone.
//!
//! Each administrator gets a part, 32 random bytes; for each two of them the account key is sealed under a key that both of their parts give. With
//! as few administrators as an organization has, that is as small as sharing by polynomials (Shamir), and needs nothing but the boxes that
//! are here anyway.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::account::AccountKeys;
use crate::code::Code;
use crate::directory::{Entry, Statement, push_field};
use crate::error::VaultError;
use crate::id::AccountId;
use crate::identity::{PrivateKey, PublicKey};
use crate::key::{Key, derive};
use crate::place::Place;

/// The most administrators who get a part: the pairs grow with their square.
pub const MAX_PARTS: usize = 30;

/// The account key of one account for its administrators, in one generation: a new one takes the place of the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escrow {
    /// Whose key it is.
    pub account: AccountId,
    /// Counts up from 1.
    pub generation: u64,
    /// A part for each administrator, in order of their accounts.
    pub parts: Vec<SealedPart>,
    /// The account key for each two of them, in the same order.
    pub pairs: Vec<SealedPair>,
}

/// One administrator's part, sealed to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPart {
    /// Whose part.
    pub administrator: AccountId,
    /// The part.
    pub part: Vec<u8>,
}

/// The account key, sealed under what two parts give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPair {
    /// The first of the two, by the order of accounts.
    pub first: AccountId,
    /// The second.
    pub second: AccountId,
    /// The account key.
    pub key: Vec<u8>,
}

/// An open part.
pub struct Part {
    administrator: AccountId,
    key: Key,
}

/// A part as its administrator hands it to the one who is to open the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approves.
    pub administrator: AccountId,
    /// The part, sealed to the key of the restoration.
    pub part: Vec<u8>,
}

/// What an account is to be opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Its person sets a new password, by a link.
    Restore,
    /// An administrator gives away what its person owns.
    Transfer,
}

/// What an administrator asks another one to approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restoration {
    /// Whose account.
    pub account: AccountId,
    /// What for.
    pub purpose: Purpose,
    /// The generation of the account's escrow that parts are handed out of.
    pub generation: u64,
    /// What parts are sealed to: the key of the link, or of the administrator who asks ([`PublicKey::to_bytes`]).
    pub key: Vec<u8>,
    /// Until when, in milliseconds since 1970.
    pub expires_at: u64,
    /// Who asks.
    pub signer: AccountId,
    /// Their signature.
    pub signature: Vec<u8>,
}

/// The secret of the link by which a person gets back into their account.
#[derive(Clone)]
pub struct RestorationCode(Code);

impl AccountKeys {
    /// Makes the parts and pairs for administrators, who are sorted by it. At most [`MAX_PARTS`] get a part.
    pub fn seal_escrow(&self, generation: u64, mut administrators: Vec<(AccountId, PublicKey)>) -> Escrow {
        let account = self.account();
        administrators.sort_unstable_by_key(|(administrator, _)| *administrator);
        administrators.truncate(MAX_PARTS);
        let open: Vec<Part> = administrators
            .iter()
            .map(|(administrator, _)| Part { administrator: *administrator, key: Key::random() })
            .collect();
        let parts = open.iter().zip(&administrators).map(|(part, (administrator, key))| SealedPart {
            administrator: *administrator,
            part: key
                .seal(&Place::EscrowPart { account, generation, administrator: *administrator }, part.key.as_bytes()),
        });
        let parts = parts.collect();
        let mut pairs = Vec::with_capacity(open.len() * open.len() / 2);
        for (index, first) in open.iter().enumerate() {
            for second in &open[index + 1..] {
                let (one, other) = (first.administrator, second.administrator);
                let place = Place::EscrowPair { account, generation, first: one, second: other };
                let key = self.seal_for_pair(&pair_key(first, second), &place);
                pairs.push(SealedPair { first: one, second: other, key });
            }
        }
        Escrow { account, generation, parts, pairs }
    }

    /// Opens what was asked for with one's own key: see [`Purpose::Transfer`]. `identity` is the account's sealed one.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where the approvals do not open it.
    pub fn open_account(&self, escrow: &Escrow, approvals: &[Approval], identity: &[u8]) -> Result<Self, VaultError> {
        open_account(&self.identity.private_key, escrow, approvals, identity)
    }
}

/// Both parts together; the order of the two is that of the accounts.
fn pair_key(first: &Part, second: &Part) -> Key {
    let mut both = Zeroizing::new(Vec::with_capacity(64));
    both.extend_from_slice(first.key.as_bytes());
    both.extend_from_slice(second.key.as_bytes());
    derive(&both, b"mysafe escrow pair 1")
}

fn open_account(
    private_key: &PrivateKey,
    escrow: &Escrow,
    approvals: &[Approval],
    identity: &[u8],
) -> Result<AccountKeys, VaultError> {
    let (account, generation) = (escrow.account, escrow.generation);
    let mut parts = Vec::with_capacity(approvals.len());
    for Approval { administrator, part } in approvals {
        let place = Place::Approval { account, generation, administrator: *administrator };
        let key = Key::from_bytes(&private_key.open(&place, part)?)?;
        parts.push(Part { administrator: *administrator, key });
    }
    parts.sort_unstable_by_key(|part| part.administrator);
    let [first, second, ..] = &parts[..] else { return Err(VaultError::Sealed) };
    let (one, other) = (first.administrator, second.administrator);
    let pair = escrow.pairs.iter().find(|pair| pair.first == one && pair.second == other).ok_or(VaultError::Sealed)?;
    let place = Place::EscrowPair { account, generation, first: one, second: other };
    let key = pair_key(first, second).open(&place, &pair.key)?;
    AccountKeys::with_key(account, &key, identity)
}

impl Escrow {
    /// Opens an administrator's own part.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where there is none for them, or it does not fit.
    pub fn open_part(&self, keys: &AccountKeys) -> Result<Part, VaultError> {
        let administrator = keys.account();
        let sealed = self.parts.iter().find(|part| part.administrator == administrator).ok_or(VaultError::Sealed)?;
        let place = Place::EscrowPart { account: self.account, generation: self.generation, administrator };
        let key = Key::from_bytes(&keys.identity.private_key.open(&place, &sealed.part)?)?;
        Ok(Part { administrator, key })
    }

    /// Whether the parts are in order and there is a pair for each two.
    pub fn is_whole(&self) -> bool {
        let of = |part: &SealedPart| part.administrator;
        let pairs = self
            .parts
            .iter()
            .enumerate()
            .flat_map(|(index, first)| self.parts[index + 1..].iter().map(move |second| (of(first), of(second))));
        self.parts.len() <= MAX_PARTS
            && self.parts.is_sorted_by(|a, b| a.administrator < b.administrator)
            && pairs.eq(self.pairs.iter().map(|pair| (pair.first, pair.second)))
    }
}

impl Part {
    /// Hands the part on: to the key that the restoration names.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no key.
    pub fn approve(&self, restoration: &Restoration) -> Result<Approval, VaultError> {
        let Restoration { account, generation, ref key, .. } = *restoration;
        let place = Place::Approval { account, generation, administrator: self.administrator };
        let part = PublicKey::from_bytes(key)?.seal(&place, self.key.as_bytes());
        Ok(Approval { administrator: self.administrator, part })
    }
}

impl Restoration {
    /// Asks as an administrator.
    pub fn sign(
        account: AccountId,
        purpose: Purpose,
        generation: u64,
        key: &PublicKey,
        expires_at: u64,
        signer: &AccountKeys,
    ) -> Self {
        let (key, signer_id) = (key.to_bytes(), signer.account());
        let unsigned = Self { account, purpose, generation, key, expires_at, signer: signer_id, signature: Vec::new() };
        let signature = signer.identity.sign(&unsigned.signed_bytes()).to_vec();
        Self { signature, ..unsigned }
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::Restoration.begin();
        bytes.extend_from_slice(self.account.as_bytes());
        bytes.push(match self.purpose {
            Purpose::Restore => 1,
            Purpose::Transfer => 2,
        });
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&self.expires_at.to_be_bytes());
        push_field(&mut bytes, &self.key);
        bytes
    }

    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signer: &Entry) -> bool {
        self.signer == signer.account && signer.has_signed(&self.signed_bytes(), &self.signature)
    }
}

impl RestorationCode {
    /// A new random code.
    pub fn random() -> Self {
        Self(Code::random())
    }

    /// The code as part of a link.
    pub fn text(&self) -> Zeroizing<String> {
        self.0.text()
    }

    /// Reads what [`RestorationCode::text`] wrote.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no code.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        Code::parse(text).map(Self)
    }

    /// What shows the server that one has the link. The server keeps its hash alone.
    pub fn proof(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.derive(b"mysafe restoration proof 1").as_bytes().to_vec())
    }

    fn private_key(&self) -> PrivateKey {
        let seed = self.0.derive(b"mysafe restoration key 1");
        PrivateKey::from_seed(seed.as_bytes()).expect("32 bytes are a seed")
    }

    /// What parts are sealed to.
    pub fn public_key(&self) -> PublicKey {
        self.private_key().public_key()
    }

    /// Opens the account that two administrators have approved of. `identity` is its sealed one.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where the approvals do not open it.
    pub fn open_account(
        &self,
        escrow: &Escrow,
        approvals: &[Approval],
        identity: &[u8],
    ) -> Result<AccountKeys, VaultError> {
        open_account(&self.private_key(), escrow, approvals, identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::SealedAccount;
    use crate::password::ExportKey;

    struct World {
        eva: AccountKeys,
        sealed: SealedAccount,
        administrators: [AccountKeys; 3],
        escrow: Escrow,
    }

    fn account() -> (AccountKeys, SealedAccount) {
        AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None)
    }

    fn world() -> World {
        let (eva, sealed) = account();
        let administrators = [(); 3].map(|()| account().0);
        let keys = administrators.iter().map(|keys| (keys.account(), keys.public().sealing)).collect();
        let escrow = eva.seal_escrow(1, keys);
        World { eva, sealed, administrators, escrow }
    }

    #[test]
    fn any_two_administrators_open_it_for_who_has_the_link() {
        let World { eva, sealed, administrators: [olga, ben, kim], escrow } = world();
        assert!(escrow.is_whole());
        let code = RestorationCode::random();
        let asked = Restoration::sign(eva.account(), Purpose::Restore, 1, &code.public_key(), 9, &olga);
        let approve = |keys: &AccountKeys| escrow.open_part(keys).unwrap().approve(&asked).unwrap();
        for [one, other] in [[&olga, &ben], [&ben, &olga], [&kim, &ben], [&olga, &kim]] {
            let opened = code.open_account(&escrow, &[approve(one), approve(other)], &sealed.identity).unwrap();
            assert!(opened.public() == eva.public());
        }
        let both = [approve(&olga), approve(&ben)];
        assert!(RestorationCode::random().open_account(&escrow, &both, &sealed.identity).is_err());
        assert!(olga.open_account(&escrow, &both, &sealed.identity).is_err());
        let code = RestorationCode::parse(&code.text()).unwrap();
        assert!(code.open_account(&escrow, &both, &sealed.identity).is_ok());
    }

    #[test]
    fn one_alone_or_one_twice_opens_nothing() {
        let World { eva, sealed, administrators: [olga, ben, _], escrow } = world();
        let asked = Restoration::sign(eva.account(), Purpose::Transfer, 1, &olga.public().sealing, 9, &olga);
        let own = escrow.open_part(&olga).unwrap().approve(&asked).unwrap();
        assert!(olga.open_account(&escrow, std::slice::from_ref(&own), &sealed.identity).is_err());
        assert!(olga.open_account(&escrow, &[own.clone(), own.clone()], &sealed.identity).is_err());
        assert!(escrow.open_part(&eva).is_err());
        // A part of one generation is of no use in the next.
        let administrators = [&olga, &ben].map(|keys| (keys.account(), keys.public().sealing)).to_vec();
        let next = eva.seal_escrow(2, administrators);
        let late = Restoration { generation: 2, ..asked.clone() };
        let old = escrow.open_part(&ben).unwrap().approve(&late).unwrap();
        let new = next.open_part(&olga).unwrap().approve(&late).unwrap();
        assert!(olga.open_account(&next, &[old, new], &sealed.identity).is_err());
        let other = escrow.open_part(&ben).unwrap().approve(&asked).unwrap();
        assert!(olga.open_account(&escrow, &[own, other], &sealed.identity).is_ok());
    }

    #[test]
    fn what_is_asked_for_is_signed() {
        let World { eva, administrators: [olga, ben, _], .. } = world();
        let code = RestorationCode::random();
        let asked = Restoration::sign(eva.account(), Purpose::Restore, 1, &code.public_key(), 9, &olga);
        let entry = |keys: &AccountKeys| Entry::first(keys, "olga");
        assert!(asked.is_by(&entry(&olga)));
        assert!(!asked.is_by(&entry(&ben)));
        let changes: [fn(&mut Restoration); 6] = [
            |asked| asked.account = AccountId::random(),
            |asked| asked.purpose = Purpose::Transfer,
            |asked| asked.generation = 2,
            |asked| asked.expires_at = 10,
            |asked| asked.key[9] ^= 1,
            |asked| asked.signer = AccountId::random(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut forged = asked.clone();
            change(&mut forged);
            assert!(!forged.is_by(&entry(&olga)), "change {number}");
        }
    }

    #[test]
    fn with_one_administrator_there_is_no_pair() {
        let (eva, _) = account();
        let (olga, _) = account();
        let escrow = eva.seal_escrow(1, vec![(olga.account(), olga.public().sealing)]);
        assert!(escrow.is_whole() && escrow.pairs.is_empty());
        let mut broken = world().escrow;
        broken.pairs.pop();
        assert!(!broken.is_whole());
    }
}
