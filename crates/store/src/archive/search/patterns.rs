//! What `*` and `?` mean to the databases.

use sea_orm::{
    DatabaseBackend,
    sea_query::{BinOper, Condition, Expr, ExprTrait, LikeExpr, SimpleExpr},
};

/// `column` is like `pattern`. What stands before the first wildcard is also said as a range, which an index over
/// the order of bytes serves on both databases.
pub(super) fn like(dialect: DatabaseBackend, column: &SimpleExpr, pattern: &str) -> Condition {
    let beginning = beginning(pattern);
    if beginning.len() == pattern.len() {
        return Condition::all().add(column.clone().eq(pattern));
    }
    let mut all = Condition::all();
    if !beginning.is_empty() {
        all = all
            .add(column.clone().gte(beginning))
            .add(column.clone().lt(after(beginning)));
    }
    if pattern[beginning.len()..] == *"*" && !beginning.is_empty() {
        return all;
    }
    all.add(match dialect {
        // SQLite's LIKE does not regard case; GLOB does, and has the same wildcards as DICOM.
        DatabaseBackend::Sqlite => column
            .clone()
            .binary(BinOper::Custom("GLOB"), Expr::val(pattern.replace('[', "[[]"))),
        _ => column
            .clone()
            .like(LikeExpr::new(like_pattern(pattern)).escape('\\')),
    })
}

/// What stands before the first wildcard.
pub(super) fn beginning(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// Comes after every text that begins like this.
fn after(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

fn like_pattern(pattern: &str) -> String {
    let mut like = String::with_capacity(pattern.len() + 4);
    for character in pattern.chars() {
        match character {
            '*' => like.push('%'),
            '?' => like.push('_'),
            '%' | '_' | '\\' => {
                like.push('\\');
                like.push(character);
            }
            other => like.push(other),
        }
    }
    like
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_reads_as_a_wildcard_is_escaped() {
        assert_eq!(like_pattern("100%_\\*a?"), "100\\%\\_\\\\%a_");
    }

    #[test]
    fn a_pattern_begins_before_its_first_wildcard() {
        assert_eq!(beginning("DOE^J?N*"), "DOE^J");
        assert_eq!(beginning("*DOE"), "");
        assert!("doe\u{ffff}" < after("doe").as_str() && "dof" > after("doe").as_str());
    }
}
