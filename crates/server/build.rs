//! Build script of the server: embeds what the web parts were built into. Where they were not built, an empty page that
//! says how; the build never fails for their lack.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("../../web");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("assets.rs");
    let mut text = String::new();
    for part in ["widget", "console"] {
        let dist = root.join(part).join("dist");
        // Without the folder the one above is watched, so that building the part is noticed.
        let watched = [dist.clone(), root.join(part), root.clone()].into_iter().find(|folder| folder.exists());
        if let Some(watched) = watched {
            println!("cargo::rerun-if-changed={}", watched.display());
        }
        let mut files = Vec::new();
        list(&dist, &mut files)?;
        files.sort();
        let name = part.to_uppercase();
        // Writing into a string does not fail.
        let _ = writeln!(text, "/// Files of the {part}.\npub static {name}: &[(&str, &[u8])] = &[");
        for file in files {
            let path = file.strip_prefix(&dist).map_err(io::Error::other)?;
            let path = path.to_string_lossy().replace('\\', "/");
            let _ = writeln!(text, "({path:?}, include_bytes!({:?})),", file.canonicalize()?);
        }
        text.push_str("];\n");
    }
    fs::write(out, text)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "map") {
            files.push(path);
        }
    }
    Ok(())
}
