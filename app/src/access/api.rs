//! Server functions for who has access to secrets.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{BatchId, Grants, Permission, RecipientId, SecretId};

use crate::error::AppError;
use crate::share::api::{NewShare, Recipient};

/// Who has access to some secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentAccess {
    /// The secrets, by those who have access to them. Secrets that nobody has access to are left out.
    pub parts: Vec<(Grants, Vec<SecretId>)>,
    /// Everyone in them.
    pub recipients: Vec<Recipient>,
}

/// A change of who has access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// Made by the client: the same change again is done once.
    pub id: BatchId,
    /// The secrets whose access is limited.
    pub secrets: Vec<SecretId>,
    /// Who keeps at most what of them.
    pub limits: Vec<(RecipientId, Option<Permission>)>,
    /// What is shared anew after that.
    pub shares: Vec<NewShare>,
}

/// Who has access to secrets of the caller, or to those of anybody for administrators.
#[server(prefix = "/api", endpoint = "access_to", input = Postcard, output = Postcard)]
pub async fn access_to(secrets: Vec<SecretId>) -> Result<PresentAccess, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::checked_batch;
    respond(async {
        let caller = caller().await?;
        let found = backend().store.access_to(caller.id, &checked_batch(secrets)?).await?;
        Ok(PresentAccess { parts: found.parts, recipients: found.recipients.into_iter().map(Into::into).collect() })
    })
    .await
}

/// Changes who has access to secrets, all or nothing. Administrators may end access to any.
#[server(prefix = "/api", endpoint = "change_access", input = Postcard, output = Postcard)]
pub async fn change_access(change: AccessChange) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::{checked_batch, too_many};
    use crate::share::api::MAX_RECIPIENTS;
    respond(async {
        let caller = caller().await?;
        let AccessChange { id, secrets, limits, shares } = change;
        if limits.is_empty() && shares.is_empty() {
            return Err(AppError::invalid("Users and groups", "Pick at least one."));
        }
        if limits.len() > MAX_RECIPIENTS {
            return Err(too_many("recipients", MAX_RECIPIENTS));
        }
        let secrets = if limits.is_empty() { Vec::new() } else { checked_batch(secrets)? };
        let shares = shares.into_iter().map(NewShare::checked).collect::<Result<Vec<_>, _>>()?;
        let change = store::AccessChange { id, secrets, limits, shares };
        backend().store.change_access(caller.id, &change).await?;
        tracing::info!(
            account = %caller.id, batch = %id, secrets = change.secrets.len(), limits = change.limits.len(),
            shares = change.shares.len(), "access changed"
        );
        Ok(())
    })
    .await
}
