//! People: set-up, sign-in, lock and sign-out.

pub mod api;
mod check;
mod idle;
mod keep_code;
mod recovery_page;
mod register;
mod session;
mod set_up_page;
mod sign_in_page;

pub use session::{Session, Standing, provide_session, use_session};
pub use set_up_page::SetUpPage;
pub use sign_in_page::SignInPage;
