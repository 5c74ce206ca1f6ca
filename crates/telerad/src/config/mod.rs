//! The configuration: built-in values < `telerad.toml` < `TELERAD_*` variables.

mod show;
mod values;

use std::{ffi::OsString, path::Path};

use anyhow::Context as _;
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};

pub use values::{Url, Values};

const PREFIX: &str = "TELERAD_";

/// The effective configuration and where each value came from.
#[derive(Debug)]
pub struct Configuration {
    /// The values.
    pub values: Values,
    figment: Figment,
}

impl Configuration {
    /// Reads `file`, when it is there, and the environment.
    ///
    /// Errors name the key, the source and what was expected. A key that is not known is an error in the
    /// file, where it is a slip of the pen, and none in the environment, which others use too.
    pub fn load(file: &Path) -> anyhow::Result<Self> {
        let figment = Figment::from(Serialized::defaults(Values::default()))
            .merge(Toml::file(file))
            .merge(Env::prefixed(PREFIX).only(values::KEYS));
        let values: Values = figment.extract().context("the configuration")?;
        values.check().context("the configuration")?;
        Ok(Self { values, figment })
    }

    /// Variables that look like ours and set nothing: somebody else's, or a slip of the pen.
    pub fn strangers() -> Vec<String> {
        let name = |(name, _): (OsString, _)| name.into_string().ok();
        std::env::vars_os()
            .filter_map(name)
            .filter(|name| {
                name.strip_prefix(PREFIX)
                    .is_some_and(|key| !values::KEYS.contains(&key.to_lowercase().as_str()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::result_large_err, reason = "the signature figment's test jail wants")]
    fn the_environment_overrides_the_file_which_overrides_what_is_built_in() {
        figment::Jail::expect_with(|jail| {
            jail.create_file(
                "telerad.toml",
                "listen = \"127.0.0.1:1\"\nmail_from = \"a@b.example\"",
            )?;
            jail.set_env("TELERAD_LISTEN", "127.0.0.1:2");
            jail.set_env("TELERAD_SOMETHING_OF_SOMEBODY", "else");
            let loaded = Configuration::load(Path::new("telerad.toml")).map_err(|error| error.to_string())?;
            assert_eq!(loaded.values.listen.to_string(), "127.0.0.1:2");
            assert_eq!(loaded.values.mail_from, "a@b.example");
            assert_eq!(loaded.values.data_dir, Path::new("data"));
            assert!(Configuration::strangers().contains(&"TELERAD_SOMETHING_OF_SOMEBODY".to_owned()));
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the signature figment's test jail wants")]
    fn a_misspelt_key_in_the_file_is_an_error_that_names_it() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("telerad.toml", "listne = \"127.0.0.1:1\"")?;
            let error = Configuration::load(Path::new("telerad.toml")).map_err(|error| format!("{error:#}"));
            assert!(error.is_err_and(|text| text.contains("listne")));
            Ok(())
        });
    }
}
