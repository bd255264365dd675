//! Carries `reference_patterns/` into the wheel and stamps the library with a digest of its sources.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(io::Error::other)?);
    copy_references(&root.join("reference_patterns"), &out.join("reference_patterns"))?;
    let digest = digest_sources(&root)?;
    println!("cargo::rustc-env=BRAGGITE_SOURCE_DIGEST={digest}");
    Ok(())
}

/// Copy the folder afresh: a phase deleted in the repository must not live on in the wheel.
fn copy_references(from: &Path, to: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", from.display());
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    copy_tree(from, to)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// SHA-256 over name and content of every Rust source and manifest, in the order of their relative names with `/`.
/// `braggite.build_info` computes the same in a checkout; a difference means a stale library.
fn digest_sources(root: &Path) -> io::Result<String> {
    let mut files = vec!["Cargo.lock".to_owned(), "Cargo.toml".to_owned()];
    list_sources(root, "rust", &mut files)?;
    files.sort();
    let mut hasher = Sha256::new();
    for name in &files {
        let path = root.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        let Ok(content) = fs::read(&path) else { continue };
        hasher.update(name.as_bytes());
        hasher.update([0]);
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(content);
    }
    let mut digest = String::new();
    for byte in hasher.finalize() {
        write!(digest, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(digest)
}

fn list_sources(root: &Path, folder: &str, files: &mut Vec<String>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", root.join(folder).display());
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list_sources(root, &name, files)?;
        } else if Path::new(&name).extension().is_some_and(|e| e == "rs" || e == "toml" || e == "csv") {
            files.push(name);
        }
    }
    Ok(())
}
