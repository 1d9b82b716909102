//! Files that are written whole or not at all.

use std::path::Path;

/// Puts the bytes into the file at once: whoever reads it sees the old content or the new.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    actfn_lab::write_file(path, bytes).map_err(|error| error.to_string())
}
