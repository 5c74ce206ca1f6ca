//! The pre-scan: the only reader of bytes from outside.
//!
//! It walks a whole Part 10 stream once, forward, in constant memory, and hands out elements; parsers and
//! decoders that can be hurt see a data set only after it went through here.
//!
//! **Invariant:** no recursion, no allocation by a declared length, no panic, whatever the bytes are.

mod header;
mod inflate;
mod opening;
mod scanner;
mod stream;

pub(crate) use header::{has_long_length, note};
pub(crate) use inflate::{Inflating, inflate_range};
pub(crate) use opening::{Opening, read_opening};
pub(crate) use scanner::{Element, Event, Scanner, is_pixel_data};
pub(crate) use stream::{Plain, Stream, Window};
