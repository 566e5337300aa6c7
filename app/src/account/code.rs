//! Codes of the second step of a sign-in (RFC 6238), as the server checks them.

use store::{Store, StoreError, Totp};
use totp_rs::{Builder, Secret};
use vault::{AccountId, ServerKeys};
use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::error::AppError;

/// 160 bits, as the apps expect them.
const SECRET_BYTES: usize = 20;

/// A new secret for an app, in base 32. It counts once a code of it was shown.
pub(crate) async fn begin(backend: &Backend, account: AccountId) -> Result<String, AppError> {
    let secret = Zeroizing::new(vault::random_bytes::<SECRET_BYTES>());
    backend.store.add_totp(account, &backend.keys.seal_code_secret(account, &*secret)).await?;
    Ok(Secret::from(*secret).to_base32())
}

/// Checks a code, which counts once.
pub(crate) async fn check(backend: &Backend, account: AccountId, code: &str) -> Result<(), AppError> {
    if !backend.limits.codes.allows(account) {
        return Err(AppError::TooManyCodes);
    }
    let known = backend.store.totp(account).await?.ok_or(AppError::WrongCode)?;
    let step = matching_step(&backend.keys, account, &known, code)?.ok_or(AppError::WrongCode)?;
    backend.store.use_totp(account, &known.secret, step).await.map_err(|error| match error {
        StoreError::Stale => AppError::WrongCode,
        other => other.into(),
    })
}

fn matching_step(keys: &ServerKeys, account: AccountId, known: &Totp, code: &str) -> Result<Option<u64>, AppError> {
    let secret = keys
        .open_code_secret(account, &known.secret)
        .map_err(|error| StoreError::Content(format!("secret for codes of {account}: {error}")))?;
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let totp = Builder::new().with_secret(secret.to_vec()).build_noncompliant();
    Ok(totp.check(&code, store::now_in_seconds()))
}

/// Whether codes are asked for at the sign-in of an account.
pub(crate) async fn is_asked(store: &Store, account: AccountId) -> Result<bool, AppError> {
    Ok(store.totp(account).await?.is_some_and(|known| known.confirmed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_now_is_right_and_others_are_wrong() {
        let (keys, account) = (ServerKeys::random(), AccountId::random());
        let secret = [7; SECRET_BYTES];
        let known = Totp { secret: keys.seal_code_secret(account, &secret), confirmed: true };
        let now = store::now_in_seconds();
        let right = Builder::new().with_secret(secret).build_noncompliant().generate(now).to_string();
        let spaced = format!(" {} {} ", &right[..3], &right[3..]);
        for code in [&right, &spaced] {
            assert!(
                matching_step(&keys, account, &known, code).unwrap().is_some_and(|step| step.abs_diff(now / 30) <= 1)
            );
        }
        let other = Builder::new().with_secret([8; SECRET_BYTES]).build_noncompliant().generate(now).to_string();
        let old = Builder::new().with_secret(secret).build_noncompliant().generate(now - 300).to_string();
        for code in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", &other, &old] {
            assert_eq!(matching_step(&keys, account, &known, code), Ok(None), "{code}");
        }
        // Sealed for this account alone.
        assert!(matching_step(&keys, AccountId::random(), &known, &right).is_err());
        assert!(matching_step(&ServerKeys::random(), account, &known, &right).is_err());
    }

    #[test]
    fn known_answer() {
        // RFC 6238, appendix B, its last six digits.
        let totp = Builder::new().with_secret(*b"12345678901234567890").build_noncompliant();
        assert_eq!(totp.generate(1_111_111_109).to_string(), "081804");
    }
}
