//! The C surface of `shim/shim.h`, declared once more for Rust.
//!
//! **Invariant:** nothing outside this crate calls these functions; [`crate::encode_lossless`] and
//! [`crate::decode`] check every argument first.

use std::ffi::{c_char, c_int};

/// Geometry and coding of one image; the layout is `struct telerad_ojph_image`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Image {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: u32,
    pub(crate) bit_depth: u32,
    pub(crate) is_signed: u32,
    pub(crate) color_transform: u32,
    pub(crate) decompositions: u32,
    pub(crate) quantization_step: f32,
}

pub(crate) const OK: c_int = 0;
pub(crate) const TOO_LARGE: c_int = 2;
pub(crate) const UNSUPPORTED: c_int = 3;

unsafe extern "C" {
    pub(crate) fn telerad_ojph_encode(
        image: *const Image,
        samples: *const i32,
        max_out: usize,
        out: *mut *mut u8,
        out_len: *mut usize,
        message: *mut c_char,
        message_len: usize,
    ) -> c_int;

    pub(crate) fn telerad_ojph_inspect(
        data: *const u8,
        len: usize,
        image: *mut Image,
        message: *mut c_char,
        message_len: usize,
    ) -> c_int;

    pub(crate) fn telerad_ojph_decode(
        data: *const u8,
        len: usize,
        samples: *mut i32,
        capacity: usize,
        message: *mut c_char,
        message_len: usize,
    ) -> c_int;

    pub(crate) fn telerad_ojph_free(buffer: *mut u8);
}
