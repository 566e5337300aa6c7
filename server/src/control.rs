//! The control socket: what other commands on the same machine ask of a running server. It hears the user it runs as, and root.

use std::io::{Error, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::backend::Backend;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::serve::Listener;
use futures_util::{StreamExt as _, stream};
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::config::{Fault, Storage};
use crate::{audit, doctor};

/// How much of a backup is read ahead of who asked for it, in bytes.
const AHEAD: usize = 1 << 20;

/// Names the database of the server that answers.
const DATABASE: HeaderName = HeaderName::from_static("mysafe-database");

/// The socket of a running server. Its file goes with it.
struct Control {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
}

impl Control {
    fn bind(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        if path.symlink_metadata().is_ok_and(|there| there.file_type().is_socket()) {
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(Error::new(ErrorKind::AddrInUse, "another server has it: give each its own"));
            }
            // Of a server that was killed.
            std::fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path: path.into(), owner: path.metadata()?.uid() })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Whoever comes next removes it where this fails.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Listener for Control {
    type Io = UnixStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (UnixStream, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            match stream.peer_cred().map(|peer| peer.uid()) {
                Ok(user) if user == self.owner || user == 0 => return (stream, address),
                Ok(user) => tracing::warn!(user, "somebody else asked at the control socket"),
                Err(error) => tracing::warn!(%error, "nobody knows who asked at the control socket"),
            }
        }
    }

    fn local_addr(&self) -> Result<SocketAddr, Error> {
        self.listener.local_addr()
    }
}

/// Answers other commands until the task ends.
///
/// # Errors
/// A fault where there can be no socket.
pub(crate) fn serve(storage: &Storage, backend: Arc<Backend>) -> Result<JoinHandle<()>, Fault> {
    let path = &storage.control();
    let named = HeaderValue::from_bytes(storage.identity().as_bytes()).map_err(Fault::new)?;
    let control = Control::bind(path).map_err(|error| Fault(format!("MYSAFE_CONTROL: {}: {error}", path.display())))?;
    let router = Router::new()
        .route("/backup", get(backup))
        .route("/audit", get(verify))
        .route("/doctor", get(examine))
        .with_state(backend)
        .layer(SetResponseHeaderLayer::overriding(DATABASE, named));
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(control, router).await {
            tracing::error!(%error, "the control socket is closed");
        }
    }))
}

async fn examine(State(backend): State<Arc<Backend>>) -> Response {
    match serde_json::to_vec(&doctor::database(&backend.store).await) {
        Ok(findings) => findings.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn verify(State(backend): State<Arc<Backend>>, Query(link): Query<Vec<(String, String)>>) -> Response {
    let link = link.first().map(|(_, link)| link.as_str());
    match audit::verify(&backend.store, &backend.keys, link).await {
        Ok(text) => text.into_response(),
        Err(Fault(text)) => (StatusCode::CONFLICT, text).into_response(),
    }
}

async fn backup(State(backend): State<Arc<Backend>>) -> Response {
    let (mut to, from) = tokio::io::duplex(AHEAD);
    let (done, end) = oneshot::channel();
    tokio::spawn(async move {
        let result = backend.store.backup(&mut to).await;
        match &result {
            Ok(backup) => tracing::info!(rows = backup.rows, "backed up"),
            Err(error) => tracing::error!(%error, "not backed up"),
        }
        // Who asked may have gone.
        let _ = done.send(result.map(|_| ()));
    });
    // An answer that was cut short must not look like a whole one.
    let end = stream::once(end).filter_map(async |end| match end {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Err(Error::other(error))),
        Err(gone) => Some(Err(Error::other(gone))),
    });
    Body::from_stream(ReaderStream::new(from).chain(end)).into_response()
}

/// Asks the server that runs here on this database. None where there is none.
///
/// # Errors
/// A fault where it does not answer, or with what it says is wrong.
pub(crate) async fn ask(storage: &Storage, what: &str) -> Result<Option<reqwest::Response>, Fault> {
    let path = &storage.control();
    let fault = |error: &dyn std::error::Error| Fault(format!("MYSAFE_CONTROL: {}: {error}", path.display()));
    match UnixStream::connect(path).await {
        Err(error) if [ErrorKind::NotFound, ErrorKind::ConnectionRefused].contains(&error.kind()) => return Ok(None),
        Err(error) => return Err(fault(&error)),
        Ok(_) => {}
    }
    let client = reqwest::Client::builder().unix_socket(path.as_path()).build().map_err(|error| fault(&error))?;
    let response = client.get(format!("http://control/{what}")).send().await.map_err(|error| fault(&error))?;
    // Another one may have its socket there: the keys can be those of several databases.
    if response.headers().get(DATABASE).is_none_or(|named| named.as_bytes() != storage.identity().as_bytes()) {
        return Ok(None);
    }
    if response.status().is_success() {
        return Ok(Some(response));
    }
    let text = response.text().await.map_err(|error| fault(&error))?;
    Err(Fault(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_for_one_server_and_its_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/control");
        let storage = Storage {
            database: "surrealkv://nowhere".into(),
            database_user: None,
            database_password: None,
            keys_base64: None,
            keys: folder.path().join("new/keys"),
            control: None,
        };
        assert!(ask(&storage, "").await.unwrap().is_none());
        let first = Control::bind(&path).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(Control::bind(&path).err().unwrap().kind(), ErrorKind::AddrInUse);
        drop(first);
        assert!(!path.exists());

        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists() && ask(&storage, "").await.unwrap().is_none(), "of a server that was killed");
        drop(Control::bind(&path).unwrap());

        std::fs::write(&path, "mine").unwrap();
        assert!(Control::bind(&path).is_err(), "another file is not taken away");
    }
}
