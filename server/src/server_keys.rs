//! The file with the server's own secrets for sign-in.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use vault::ServerKeys;

use crate::config::Fault;

/// Reads the keys, or makes them where there is no file yet.
pub(crate) fn load(path: &Path) -> Result<ServerKeys, Fault> {
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
        let made = load(&path).unwrap();
        assert_eq!(*load(&path).unwrap().to_bytes(), *made.to_bytes());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(load(&path).err().unwrap().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        std::fs::write(&path, "hello").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(load(&path).err().unwrap().to_string().contains("no server keys"));
    }
}
