//! The rules of the reading room.
