//! The file with the server's own secrets for sign-in.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use store::Organization;
use vault::ServerKeys;

use crate::config::Fault;

/// The keys of an organization. Before its set-up they are made where there is no file yet; afterwards only those will do that its people
/// registered with: with others nobody could sign in.
pub(crate) fn load(path: &Path, organization: Option<&Organization>) -> Result<ServerKeys, Fault> {
    let Some(organization) = organization else { return read_or_make(path) };
    if !path.exists() {
        return Err(Fault(format!(
            "MYSAFE_KEYS: there is no {}. The people of this database registered with keys that were in such a file: bring back your copy.",
            path.display()
        )));
    }
    let keys = read_or_make(path)?;
    if keys.fingerprint() != organization.server_keys {
        return Err(Fault(format!(
            "MYSAFE_KEYS: {} belongs to another database. Nobody could sign in: bring back the file that belongs to this one.",
            path.display()
        )));
    }
    Ok(keys)
}

fn read_or_make(path: &Path) -> Result<ServerKeys, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault(format!("MYSAFE_KEYS: {}: {error}", path.display()));
    match OpenOptions::new().read(true).open(path) {
        Ok(mut file) => {
            let mode = file.metadata().map_err(|error| fault(&error))?.mode();
            if mode & 0o077 != 0 {
                return Err(fault(&"others can read it. Take that from them with chmod 600, and see who did."));
            }
            let mut bytes = Vec::new();
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
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn keys_are_made_once_and_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/keys");
        let made = load(&path, None).unwrap();
        assert_eq!(*load(&path, None).unwrap().to_bytes(), *made.to_bytes());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(load(&path, None).err().unwrap().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        std::fs::write(&path, "hello").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(load(&path, None).err().unwrap().to_string().contains("no server keys"));
    }

    #[test]
    fn an_organization_is_served_with_its_own_keys_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let of = |keys: &ServerKeys| Organization { name: "Acme".into(), demo: false, server_keys: keys.fingerprint() };
        let missing = load(&path, Some(&of(&ServerKeys::random()))).err().unwrap();
        assert!(missing.to_string().contains("bring back your copy"), "{missing}");
        assert!(!path.exists());
        let made = load(&path, None).unwrap();
        assert!(load(&path, Some(&of(&made))).is_ok());
        let other = load(&path, Some(&of(&ServerKeys::random()))).err().unwrap();
        assert!(other.to_string().contains("another database"), "{other}");
    }
}
