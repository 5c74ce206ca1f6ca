//! Addresses people sign in with.

use crate::AppError;

/// The address in the form it is stored and compared in. Only what a mail server could take; whether
/// anybody reads it shows when they answer the invitation.
///
/// Errors: `INVALID_INPUT`.
pub fn parse_email(field: &'static str, text: &str) -> Result<String, AppError> {
    let email = text.trim().to_lowercase();
    let plausible = email.len() <= 254
        && email
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&byte))
        && email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        });
    if plausible {
        Ok(email)
    } else {
        Err(AppError::invalid(field, "this is not an e-mail address"))
    }
}

/// A name for people to read: not empty, no control characters, at most 200 bytes.
///
/// Errors: `INVALID_INPUT`.
pub fn parse_name(field: &'static str, text: &str) -> Result<String, AppError> {
    let name = text.trim();
    if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(AppError::invalid(
            field,
            "give a name of 1 to 200 characters on one line",
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_compared_in_lower_case_and_cannot_carry_a_second_header() {
        assert_eq!(
            parse_email("email", " Ada@Example.ORG ").expect("an address"),
            "ada@example.org"
        );
        for odd in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a@b@c",
            "ada@example.org\r\nBcc: all@example.org",
            "ada@ex ample",
        ] {
            assert!(parse_email("email", odd).is_err(), "{odd:?} is no address");
        }
    }
}
