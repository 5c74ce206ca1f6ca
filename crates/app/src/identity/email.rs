//! Addresses people sign in with.

use crate::AppError;

/// The address in the form it is stored and compared in. Only what the mailer takes (RFC 5321 §4.1.2: a
/// dot-string before the `@`, a host name after it); whether anybody reads it shows when they answer the
/// invitation.
///
/// Errors: `INVALID_INPUT`.
pub fn parse_email(field: &'static str, text: &str) -> Result<String, AppError> {
    let email = text.trim().to_lowercase();
    let plausible = email.len() <= 254
        && email
            .split_once('@')
            .is_some_and(|(local, host)| is_dot_string(local) && is_host(host));
    if plausible {
        Ok(email)
    } else {
        Err(AppError::invalid(field, "this is not an e-mail address"))
    }
}

fn is_dot_string(local: &str) -> bool {
    let is_atom = |atom: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        !atom.is_empty() && atom.bytes().all(allowed)
    };
    local.len() <= 64 && local.split('.').all(is_atom)
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
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
            ".ada@example.org",
            "ada..l@example.org",
            "ada@example..org",
            "ada@-example.org",
            "ada@exam_ple.org",
            "\"ada\"@example.org",
        ] {
            assert!(parse_email("email", odd).is_err(), "{odd:?} is no address");
        }
    }
}
