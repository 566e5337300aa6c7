//! The server's own secrets for sign-in: a file, or a setting.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::Organization;
use vault::ServerKeys;
use zeroize::Zeroizing;

use crate::config::{Fault, Storage};

/// The keys of an organization. Before its set-up they are made where there is no file yet and no setting; afterwards only those will do that its people
/// registered with: with others nobody could sign in.
pub(crate) fn load(storage: &Storage, organization: Option<&Organization>) -> Result<ServerKeys, Fault> {
    let from = source(storage);
    let keys = match (&storage.keys_base64, organization) {
        (Some(text), _) => read_text(text.as_str())?,
        (None, Some(_)) if !storage.keys.exists() => {
            return Err(Fault(format!(
                "MYSAFE_KEYS: there is no {from}. The people of this database registered with keys that were in such a file: bring back your copy."
            )));
        }
        (None, _) => read_or_make(&storage.keys)?,
    };
    match organization {
        Some(organization) if keys.fingerprint() != organization.server_keys => Err(Fault(format!(
            "MYSAFE_KEYS: {from} belongs to another database. Nobody could sign in: bring back what belongs to this one."
        ))),
        _ => Ok(keys),
    }
}

/// Where the keys are, for people.
pub(crate) fn source(storage: &Storage) -> String {
    match storage.keys_base64 {
        Some(_) => "MYSAFE_KEYS_BASE64".into(),
        None => storage.keys.display().to_string(),
    }
}

/// The content of a file of keys, in base 64.
fn read_text(text: &str) -> Result<ServerKeys, Fault> {
    let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).ok();
    let keys = bytes.and_then(|bytes| ServerKeys::from_bytes(&bytes).ok());
    keys.ok_or_else(|| Fault("MYSAFE_KEYS_BASE64: these are no server keys: it is a file of keys in base 64.".into()))
}

fn read_or_make(path: &Path) -> Result<ServerKeys, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault(format!("MYSAFE_KEYS: {}: {error}", path.display()));
    match OpenOptions::new().read(true).open(path) {
        Ok(mut file) => {
            let mode = file.metadata().map_err(|error| fault(&error))?.mode();
            if mode & 0o077 != 0 {
                return Err(fault(&"others can read it. Take that from them with chmod 600, and see who did."));
            }
            let mut bytes = Zeroizing::new(Vec::new());
            file.read_to_end(&mut bytes).map_err(|error| fault(&error))?;
            ServerKeys::from_bytes(&bytes).map_err(|_| fault(&"these are no server keys."))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| fault(&error))?;
            }
            let keys = ServerKeys::random();
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(|error| fault(&error))?;
            file.write_all(&keys.to_bytes()).and_then(|()| file.sync_all()).map_err(|error| fault(&error))?;
            Ok(keys)
        }
        Err(error) => Err(fault(&error)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        storage: Storage,
    }

    fn storage(path: &Path) -> Storage {
        Arguments::parse_from(["mysafe", "--keys", path.to_str().unwrap()]).storage
    }

    fn of(keys: &ServerKeys) -> Organization {
        Organization { name: "Acme".into(), demo: false, server_keys: keys.fingerprint() }
    }

    #[test]
    fn keys_are_made_once_and_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/keys");
        let made = load(&storage(&path), None).unwrap();
        assert_eq!(*load(&storage(&path), None).unwrap().to_bytes(), *made.to_bytes());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(load(&storage(&path), None).err().unwrap().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        std::fs::write(&path, "hello").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(load(&storage(&path), None).err().unwrap().to_string().contains("no server keys"));
    }

    #[test]
    fn an_organization_is_served_with_its_own_keys_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let missing = load(&storage(&path), Some(&of(&ServerKeys::random()))).err().unwrap();
        assert!(missing.to_string().contains("bring back your copy"), "{missing}");
        assert!(!path.exists());
        let made = load(&storage(&path), None).unwrap();
        assert!(load(&storage(&path), Some(&of(&made))).is_ok());
        let other = load(&storage(&path), Some(&of(&ServerKeys::random()))).err().unwrap();
        assert!(other.to_string().contains("another database"), "{other}");
    }

    #[test]
    fn keys_of_a_setting_need_no_file_and_make_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let with = |text: &str| Storage { keys_base64: Some(text.to_owned().into()), ..storage(&path) };
        let keys = ServerKeys::random();
        let text = STANDARD.encode(&*keys.to_bytes()) + "\n";
        assert!(load(&with(&text), Some(&of(&keys))).is_ok());
        assert!(!path.exists());
        let other = load(&with(&text), Some(&of(&ServerKeys::random()))).err().unwrap();
        assert!(other.to_string().contains("MYSAFE_KEYS_BASE64 belongs to another database"), "{other}");
        for bad in ["", "%", "aGVsbG8="] {
            assert!(load(&with(bad), None).err().unwrap().to_string().contains("no server keys"), "{bad}");
        }
    }
}
