//! Printing the effective configuration, as TOML that can be read back, but for the secrets.

use serde_json::Value;

use super::Configuration;

impl Configuration {
    /// Prints every value that is set and where it comes from.
    #[expect(clippy::print_stdout, reason = "this is the command's answer")]
    pub fn print(&self) {
        for line in self.lines() {
            println!("{line}");
        }
        for variable in Self::strangers() {
            println!("# {variable} sets nothing");
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut values = self.values.clone();
        values
            .database_url
            .get_or_insert_with(|| self.values.database_url());
        values
            .object_store_url
            .get_or_insert_with(|| self.values.object_store_url());
        values.public_url = self.values.portal_url(self.values.listen).ok();
        let Ok(Value::Object(fields)) = serde_json::to_value(&values) else {
            return Vec::new();
        };
        fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| format!("{key} = {value}  # {}", self.source(key)))
            .collect()
    }

    fn source(&self, key: &str) -> &'static str {
        match self.figment.find_metadata(key) {
            Some(metadata) if metadata.name.contains("environment") => "environment",
            Some(metadata) if metadata.name.contains("TOML") => "file",
            _ => "built in",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    #[expect(clippy::result_large_err, reason = "the signature figment's test jail wants")]
    fn what_is_printed_names_its_source_and_hides_passwords() {
        figment::Jail::expect_with(|jail| {
            jail.set_env("TELERAD_SMTP_URL", "smtp://user:secret@mail.example");
            let loaded = Configuration::load(Path::new("telerad.toml")).map_err(|error| error.to_string())?;
            let text = loaded.lines().join("\n");
            assert!(
                text.contains("smtp_url = \"smtp://user:***@mail.example\"  # environment"),
                "{text}"
            );
            assert!(text.contains("listen = \"127.0.0.1:8080\"  # built in"), "{text}");
            assert!(!text.contains("secret"));
            Ok(())
        });
    }
}
