//! The schema's version: brought up to date, or refused.

use anyhow::{Context as _, bail};

use crate::config::Values;

/// Applies what is pending, as the owner when one is configured, and grants the program's role its rights.
pub async fn migrate(values: &Values) -> anyhow::Result<()> {
    let applied = apply(values).await?;
    match applied.as_slice() {
        [] => eprintln!("the database is up to date"),
        names => names.iter().for_each(|name| eprintln!("applied {name}")),
    }
    Ok(())
}

/// The same without a word; gives the names of what was applied.
pub async fn apply(values: &Values) -> anyhow::Result<Vec<String>> {
    let program = values.database_url();
    let owner = values.migration_database_url.as_ref().unwrap_or(&program);
    make_folder(values, owner.expose())?;
    let role = values
        .migration_database_url
        .as_ref()
        .and_then(|_| program.user());
    migrations::migrate(owner.expose(), role.as_deref())
        .await
        .context("migrating the database")
}

/// Makes sure the schema is this version's: the embedded database is migrated, another must have been.
pub async fn require_current(values: &Values) -> anyhow::Result<()> {
    let url = values.database_url();
    if url.expose().starts_with("sqlite:") {
        for name in apply(values).await? {
            tracing::info!(migration.name = name, "migrated");
        }
        return Ok(());
    }
    let pending = migrations::pending(url.expose())
        .await
        .context("looking at the database's version")?;
    if pending.is_empty() {
        return Ok(());
    }
    bail!("the database lacks {}; run `telerad migrate`", pending.join(", "))
}

/// Makes the folder the embedded database lies in.
fn make_folder(values: &Values, url: &str) -> anyhow::Result<()> {
    let folder = match url
        .strip_prefix("sqlite://")
        .map(|path| path.split('?').next().unwrap_or(path))
    {
        Some(path) => std::path::Path::new(path)
            .parent()
            .unwrap_or(std::path::Path::new("."))
            .to_owned(),
        None => values.data_dir.clone(),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))
}
