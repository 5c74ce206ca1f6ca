//! Addresses people sign in with, and the names things are read by.

use domain::text::{code_point, is_unfit_on_a_line};

use crate::AppError;

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

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

/// A name for people to read, of one line: it shows every character it has, in the order it has them.
///
/// Errors: `INVALID_INPUT`.
pub fn parse_name(field: &'static str, text: &str) -> Result<String, AppError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(AppError::invalid(
            field,
            format!("give a name of 1 to {LONGEST_NAME} characters"),
        ));
    }
    if let Some(character) = name.chars().find(|c| is_unfit_on_a_line(*c)) {
        let character = code_point(character);
        return Err(AppError::invalid(
            field,
            format!("the name has a character that is not allowed: {character}"),
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

    #[test]
    fn a_name_shows_all_it_has_and_is_counted_in_characters() {
        let longest = "山".repeat(200);
        for name in [
            "Ada Lovelace",
            "山田 太郎",
            "\u{200F}عيادة البحيرة",
            longest.as_str(),
        ] {
            assert_eq!(parse_name("name", &format!(" {name} ")).expect(name), name);
        }
        let too_long = "山".repeat(201);
        for odd in [
            "",
            " ",
            "Ada\nLovelace",
            "Ada\tLovelace",
            "Ada\u{7}",
            "Dr\u{202e}.adA",
            "A\u{2066}B",
            &too_long,
        ] {
            assert!(parse_name("name", odd).is_err(), "{odd:?} is no name");
        }
    }
}
