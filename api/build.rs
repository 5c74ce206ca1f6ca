//! The portal is embedded from `web/dist`; a build without the portal embeds an empty folder.

use std::{env, fs, path::PathBuf};

fn main() -> std::io::Result<()> {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .ok_or_else(|| std::io::Error::other("cargo sets the manifest folder"))?;
    let dist = PathBuf::from(here).join("../web/dist");
    fs::create_dir_all(&dist)?;
    println!("cargo::rerun-if-changed=build.rs");
    // Only an embedding (optimised) build needs to look again; a debug build reads the folder itself.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
    Ok(())
}
