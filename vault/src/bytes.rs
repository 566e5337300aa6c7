//! Reading bytes that may be hostile.

use crate::error::VaultError;

/// Takes `length` bytes from the front of `bytes`.
pub(crate) fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], VaultError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(VaultError::Format)?;
    *bytes = rest;
    Ok(taken)
}

/// Takes a 32-bit big-endian length and as many bytes.
pub(crate) fn take_field<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], VaultError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(VaultError::Format)?;
    *bytes = rest;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| VaultError::Format)?;
    take(bytes, length)
}

/// Two lower-case digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    text.trim()
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
