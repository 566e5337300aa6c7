//! The chain of the audit log: each entry is bound to all before it by a key that the database does not hold.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::password::ServerKeys;

/// What binds the entries of the audit log, from the server's own secrets.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct AuditKey([u8; 32]);

impl ServerKeys {
    /// The key of the audit log's chain.
    pub fn audit_key(&self) -> AuditKey {
        let mut key = AuditKey([0; 32]);
        Hkdf::<Sha256>::new(None, &self.to_bytes())
            .expand(b"mysafe audit chain 1", &mut key.0)
            .expect("32 bytes are not too many");
        key
    }
}

impl AuditKey {
    /// The link that binds an entry to the link before it; zeros, before the first: HMAC-SHA256 over both, which HKDF's extraction is (RFC 5869).
    pub fn link(&self, before: &[u8; 32], entry: &[u8]) -> [u8; 32] {
        let bytes = [before.as_slice(), entry].concat();
        Hkdf::<Sha256>::extract(Some(&self.0), &bytes).0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answer() {
        // HMAC-SHA256 with the key 0707..., of 32 zeros and "entry".
        let link = AuditKey([7; 32]).link(&[0; 32], b"entry");
        assert_eq!(crate::bytes::hex(&link), "8394403df0273932a0085c93805e880981d7022a4246e5a37df650a57babea6b");
    }

    #[test]
    fn a_link_depends_on_the_key_the_link_before_and_the_entry() {
        let (keys, others) = (ServerKeys::random(), ServerKeys::random());
        let link = keys.audit_key().link(&[1; 32], b"entry");
        assert_eq!(link, keys.audit_key().link(&[1; 32], b"entry"));
        for other in [
            others.audit_key().link(&[1; 32], b"entry"),
            keys.audit_key().link(&[2; 32], b"entry"),
            keys.audit_key().link(&[1; 32], b"other"),
        ] {
            assert_ne!(link, other);
        }
    }
}
