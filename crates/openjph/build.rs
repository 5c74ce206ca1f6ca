//! Compiles the C++ shim against the system's OpenJPH.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=shim/shim.cpp");
    println!("cargo:rerun-if-changed=shim/shim.h");
    println!("cargo:rerun-if-env-changed=OPENJPH_PREFIX");

    // OPENJPH_PREFIX serves an OpenJPH that was built by hand, outside the compiler's own search path.
    let prefix = std::env::var_os("OPENJPH_PREFIX").map(PathBuf::from);
    let mut includes = vec![PathBuf::from("/usr/include"), PathBuf::from("/usr/local/include")];
    if let Some(prefix) = &prefix {
        includes.insert(0, prefix.join("include"));
        println!("cargo:rustc-link-search=native={}", prefix.join("lib").display());
    }
    let header = Path::new("openjph/ojph_codestream.h");
    if !includes.iter().any(|folder| folder.join(header).is_file()) {
        eprintln!(
            "OpenJPH's headers are missing ({} was not found).\n\
             On Debian and Ubuntu: apt-get install libopenjph-dev\n\
             Elsewhere: build OpenJPH 0.9 or later and set OPENJPH_PREFIX to where it was installed.",
            header.display()
        );
        std::process::exit(1);
    }

    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++14")
        .warnings(true)
        .extra_warnings(true)
        .file("shim/shim.cpp");
    if let Some(prefix) = &prefix {
        build.include(prefix.join("include"));
    }
    build.compile("telerad_openjph_shim");
    println!("cargo:rustc-link-lib=openjph");
}
