//! Files that are written whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::Error;

/// Puts the bytes into the file at once: whoever reads it sees the old content or the new.
///
/// # Errors
///
/// [`Error::Unwritable`], which leaves the file as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source: std::io::Error| Error::Unwritable { file: path.display().to_string(), source };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut new = tempfile::Builder::new();
    // Those of any new file; it would be its owner's alone.
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = new.tempfile_in(directory).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
