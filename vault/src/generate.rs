use zeroize::{Zeroize as _, Zeroizing};

use crate::random::random_bytes;

/// How long a generated client secret is: 32 of 62 characters are 190 bits.
const LENGTH: usize = 32;
/// Characters that no program, address or shell takes for something else.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Bytes from here on are thrown away, so that each character comes as often as any other.
const FAIR: u8 = 248;

/// A new client secret of 32 letters and digits, each as likely as any other.
pub fn generate_client_secret() -> Zeroizing<String> {
    let mut secret = Zeroizing::new(String::with_capacity(LENGTH));
    while secret.len() < LENGTH {
        let mut bytes: [u8; LENGTH] = random_bytes();
        let fair = bytes.iter().filter(|byte| **byte < FAIR).take(LENGTH - secret.len());
        secret.extend(fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
        bytes.zeroize();
    }
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_is_long_and_new_each_time() {
        let [one, other] = [generate_client_secret(), generate_client_secret()];
        assert_eq!(one.len(), LENGTH);
        assert!(one.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(*one, *other);
    }

    #[test]
    fn no_character_comes_more_often_than_another() {
        assert_eq!(usize::from(FAIR) % ALPHABET.len(), 0);
        let mut counts = [0_u32; 256];
        for _ in 0..2_000 {
            generate_client_secret().bytes().for_each(|byte| counts[usize::from(byte)] += 1);
        }
        // 64,000 in 62 kinds: 1,032 of each. Outside of 800 to 1,270 lies one in 10^10 fair runs.
        for byte in ALPHABET {
            let count = counts[usize::from(*byte)];
            assert!((800..1_270).contains(&count), "{}: {count}", char::from(*byte));
        }
    }
}
