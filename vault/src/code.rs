use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::VaultError;
use crate::key::{Key, derive};
use crate::random::random_bytes;

/// Douglas Crockford's base 32: no letter that is easily taken for another (<https://www.crockford.com/base32.html>).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 160 bits: more than anyone can guess, few enough to write down.
const BYTES: usize = 20;
/// Characters between two hyphens.
const GROUP: usize = 4;

/// Random bits that people write down or send each other, as text.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Code([u8; BYTES]);

impl Code {
    pub(crate) fn random() -> Self {
        Self(random_bytes())
    }

    /// A key for one purpose. The code has so many random bits that there is nothing to stretch.
    pub(crate) fn derive(&self, purpose: &[u8]) -> Key {
        derive(&self.0, purpose)
    }

    /// Eight groups of four characters.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        // Reserved whole, so that no growing leaves a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(BYTES * 2));
        for (index, bits) in self.digits().enumerate() {
            if index > 0 && index % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(DIGITS[usize::from(bits)]));
        }
        text
    }

    /// Reads what a person typed: hyphens, spaces and case do not count, and O, I and L are what they look like.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no code.
    pub(crate) fn parse(text: &str) -> Result<Self, VaultError> {
        let mut code = Self([0; BYTES]);
        let mut count = 0;
        for char in text.chars().filter(|char| !char.is_whitespace() && *char != '-') {
            let char = match char.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = DIGITS.iter().position(|digit| char::from(*digit) == char).ok_or(VaultError::Format)?;
            // Five bits at a time, from the highest of the first byte on.
            for bit in 0..5 {
                let byte = code.0.get_mut(count / 8).ok_or(VaultError::Format)?;
                *byte |= u8::from(value >> (4 - bit) & 1 == 1) << (7 - count % 8);
                count += 1;
            }
        }
        if count == BYTES * 8 { Ok(code) } else { Err(VaultError::Format) }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let bit = |at: usize| self.0[at / 8] >> (7 - at % 8) & 1;
        (0..BYTES * 8 / 5).map(move |digit| (0..5).fold(0, |value, offset| value << 1 | bit(digit * 5 + offset)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_answer() {
        let code = Code(std::array::from_fn(|index| u8::try_from(index * 13).unwrap()));
        assert_eq!(*code.text(), "006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ");
    }

    #[test]
    fn what_people_type_is_read_kindly() {
        let code = Code([0; BYTES]);
        let typed = "0o00-oooo 0000 0000 0000 0000 0000 0000";
        assert_eq!(*Code::parse(typed).unwrap().text(), *code.text());
        let ones = Code::parse(&"1".repeat(32)).unwrap();
        assert_eq!(*Code::parse(&"lI1i".repeat(8)).unwrap().text(), *ones.text());
        for bad in ["", "0", &"0".repeat(31), &"0".repeat(33), &"U".repeat(32), &"é".repeat(32)] {
            assert!(Code::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_read_as_it_was_written(bytes in any::<[u8; BYTES]>()) {
            let text = Code(bytes).text();
            prop_assert_eq!(text.len(), 39);
            prop_assert_eq!(Code::parse(&text.to_lowercase()).unwrap().0, bytes);
        }

        #[test]
        fn hostile_text_does_not_panic(text in ".{0,80}") {
            let _ = Code::parse(&text);
        }
    }
}
