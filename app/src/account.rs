//! People: set-up, sign-in, lock and sign-out.

pub mod api;
pub(crate) mod check;
pub(crate) mod choose_password;
#[cfg(feature = "ssr")]
mod code;
mod idle;
pub(crate) mod keep_code;
pub mod own;
pub mod passkey;
mod proof;
pub mod recovery;
mod recovery_page;
pub(crate) mod register;
mod second_step;
mod session;
mod set_up_page;
mod sign_in_page;
pub(crate) mod strength;

#[cfg(feature = "ssr")]
pub use passkey::check::Passkeys;
pub use proof::ProofDialog;
pub use recovery_page::RecoveryPage;
pub(crate) use second_step::{HalfSignedIn, SecondStepForm};
pub use session::{Session, Standing, provide_session, use_session};
pub use set_up_page::SetUpPage;
pub use sign_in_page::SignInPage;
