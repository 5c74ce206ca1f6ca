//! The house as ARCHITECTURE.md draws it, held to the code.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// What adapters may import besides `app`: the types its ports speak.
const PORT_TYPES: &[&str] = &["dicom", "dimse", "domain"];

type Edges = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Each package's dependencies that are not for its tests only.
fn dependencies() -> Edges {
    packages()
        .iter()
        .map(|package| {
            let names = package["dependencies"].as_array().unwrap().iter();
            let names = names.filter(|dependency| dependency["kind"] != "dev");
            let names = names
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

/// The table of ARCHITECTURE.md: a room, and the words between backticks of its last column.
fn allowed(ours: &BTreeSet<String>) -> Edges {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut allowed = Edges::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let columns: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [room, _, imports] = columns[..] else {
            panic!("three columns: {line}")
        };
        let name = room.trim_matches('`').rsplit('/').next().unwrap().to_owned();
        let mut names: BTreeSet<_> = imports.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        match imports {
            "all" | "the program" => names.clone_from(ours),
            _ if imports.contains("types its ports speak") => {
                names.extend(PORT_TYPES.iter().map(|&name| name.to_owned()));
            }
            _ => {}
        }
        allowed.insert(
            if name == "tests" {
                "telerad-tests".to_owned()
            } else {
                name
            },
            names,
        );
    }
    allowed
}

#[test]
fn every_import_stands_in_the_table() {
    let edges = dependencies();
    let ours: BTreeSet<_> = edges.keys().cloned().collect();
    let allowed = allowed(&ours);
    for (package, dependencies) in &edges {
        let may = allowed
            .get(package)
            .unwrap_or_else(|| panic!("{package} has no row in ARCHITECTURE.md"));
        let strays: Vec<_> = dependencies
            .intersection(&ours)
            .filter(|name| !may.contains(*name))
            .collect();
        assert!(
            strays.is_empty(),
            "{package} imports {strays:?}, which ARCHITECTURE.md does not allow"
        );
    }
}

#[test]
fn only_the_store_and_the_migrations_speak_to_the_database() {
    for (package, dependencies) in dependencies() {
        let speaks = dependencies
            .iter()
            .any(|name| name.starts_with("sea-orm") || name.starts_with("sqlx"));
        let may = ["store", "migrations"].contains(&package.as_str());
        assert!(may || !speaks, "{package} depends on the database");
    }
}

/// The source files below `folder`, with their paths from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The code of a file without its unit tests and comments, which may show what is forbidden.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn an_actor_is_made_only_where_a_token_a_key_or_a_job_was_verified() {
    let may = |name: &str| {
        [
            "crates/domain/src/actor.rs",
            "crates/app/src/jobs.rs",
            "crates/telerad/src/",
        ]
        .iter()
        .any(|place| name.starts_with(place))
            || name.starts_with("crates/app/src/identity/")
    };
    for folder in [
        "crates/domain/src",
        "crates/store/src",
        "crates/app/src",
        "crates/adapters/src",
        "api/src",
        "worker/src",
    ] {
        for (name, text) in sources(folder) {
            let code = code_of(&text);
            let makes = ["Actor::verified(", "Actor::system("]
                .iter()
                .any(|call| code.contains(call));
            assert!(!makes || may(&name), "{name} makes an actor");
        }
    }
}

#[test]
fn every_job_is_known_to_the_runner() {
    let all = sources("crates/app/src");
    let (_, jobs) = all
        .iter()
        .find(|(name, _)| name.ends_with("src/jobs.rs"))
        .unwrap();
    let listed = jobs
        .split("KINDS: &[&str] = &[")
        .nth(1)
        .and_then(|rest| rest.split("];").next())
        .unwrap();
    for (name, text) in &all {
        for rest in code_of(text).split("impl Job for ").skip(1) {
            let job = rest.split([' ', '{']).next().unwrap();
            assert!(
                listed.contains(&format!("{job}::KIND")),
                "{name}: {job} is missing in app::jobs::KINDS"
            );
        }
    }
}

#[test]
fn no_file_outgrows_its_reader() {
    const LONGEST: usize = 600;
    for folder in ["crates", "api", "worker", "migrations", "tests"] {
        for (name, text) in sources(folder) {
            // Rows of the Standard's tables are looked up, not read.
            let rows = |line: &&str| line.starts_with("    (0x");
            let lines = text.lines().filter(|line| !rows(line)).count();
            assert!(lines <= LONGEST, "{name} has {lines} lines: split it");
        }
    }
}
