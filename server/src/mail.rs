//! Mail by SMTP, where it is configured.

use std::sync::Arc;

use app::backend::{Mail, Mailer};
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::{Fault, Options};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// What sends mail, as the settings say; nothing where they say nothing.
pub(crate) fn mailer(options: &Options) -> Result<Option<Mailer>, Fault> {
    let Some((transport, from)) = transport(options)? else { return Ok(None) };
    let transport = Arc::new(transport);
    Ok(Some(Arc::new(move |mail: Mail| {
        let (transport, from) = (Arc::clone(&transport), from.clone());
        Box::pin(async move {
            let to: Mailbox = mail.to.parse().map_err(|error| format!("recipient: {error}"))?;
            let message = Message::builder().from(from).to(to).subject(mail.subject).body(mail.text);
            let message = message.map_err(|error| format!("message: {error}"))?;
            transport.send(message).await.map(|_| ()).map_err(|error| error.to_string())
        })
    })))
}

/// Asks the mail server for a sign of life. None where there is none.
///
/// # Errors
/// A fault where the settings do not fit together, or it gives no sign.
pub(crate) async fn reach(options: &Options) -> Result<Option<()>, Fault> {
    let Some((transport, _)) = transport(options)? else { return Ok(None) };
    match transport.test_connection().await {
        Ok(true) => Ok(Some(())),
        Ok(false) => Err(Fault("MYSAFE_SMTP: the mail server does not answer as one does.".into())),
        Err(error) => Err(Fault(format!("MYSAFE_SMTP: {error}"))),
    }
}

fn transport(options: &Options) -> Result<Option<(Transport, Mailbox)>, Fault> {
    let (url, from) = match (&options.smtp, &options.mail_from) {
        (Some(url), Some(from)) => (url, from),
        (None, None) => return Ok(None),
        (Some(_), None) => {
            return Err(Fault("MYSAFE_MAIL_FROM: mail needs a sender, such as MySafe <mysafe@example.com>.".into()));
        }
        (None, Some(_)) => {
            return Err(Fault(
                "MYSAFE_SMTP: mail needs a server, such as smtps://user:password@mail.example.com.".into(),
            ));
        }
    };
    let from = from.parse().map_err(|error| Fault(format!("MYSAFE_MAIL_FROM: {from} is no address: {error}")))?;
    // The URL may hold a password: it is not repeated.
    let transport = Transport::from_url(url)
        .map_err(|error| Fault(format!("MYSAFE_SMTP: not an smtp:// or smtps:// URL: {error}")))?
        .build();
    Ok(Some((transport, from)))
}
