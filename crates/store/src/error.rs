//! What can go wrong between us and the database.

use sea_orm::{DbErr, SqlErr};

/// A failed store operation. None of these is shown to a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database error: {0}")]
    Database(#[from] DbErr),
    /// The connection's role could step around row-level security.
    #[error(
        "the database role `{role}` is a superuser or bypasses row-level security; connect with a plain role"
    )]
    RoleBypassesRowSecurity {
        /// The role of the connection URL.
        role: String,
    },
    /// A conditional write met another number of rows than it must.
    #[error("expected to change one {table} row, changed {changed}")]
    RowsAffected {
        /// The table.
        table: &'static str,
        /// How many rows changed.
        changed: u64,
    },
    /// A row holds what the schema's rules exclude.
    #[error("row {table}/{id} does not satisfy the schema's rules: {what}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// The rule it breaks.
        what: &'static str,
    },
    /// What a client gave as the place to go on from is none of this list.
    #[error("this is not a cursor of this list")]
    BadCursor,
    /// A concurrent transaction was faster; trying again sees what it did.
    #[error("a concurrent transaction changed the {what}")]
    Contended {
        /// What was contended for.
        what: &'static str,
    },
    /// A value could not be turned into what the column holds.
    #[error("a {what} could not be encoded")]
    Encode {
        /// What it was.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Whether a unique key refused the write.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }

    /// Whether the database has no room left to grow.
    pub fn is_out_of_space(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        let text = error.to_string();
        // SQLite's SQLITE_FULL, and the operating system's words in PostgreSQL's disk_full (53100).
        text.contains("database or disk is full") || text.contains("No space left on device")
    }

    /// Whether a text held what the database's texts cannot hold: U+0000 on PostgreSQL (22021).
    pub fn is_unfit_text(&self) -> bool {
        matches!(self, Self::Database(error) if error.to_string().contains("invalid byte sequence for encoding"))
    }

    /// Whether a concurrent transaction was in the way, so that trying again may succeed.
    pub fn is_transient(&self) -> bool {
        let error = match self {
            Self::Contended { .. } => return true,
            Self::Database(error) => error,
            _ => return false,
        };
        let text = error.to_string();
        matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
            || text.contains("deadlock detected")
            || text.contains("could not serialize")
            || text.contains("database is locked")
    }
}
