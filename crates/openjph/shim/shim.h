// The whole C surface between Rust and OpenJPH. No exception leaves these functions.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct telerad_ojph_image {
  uint32_t width;
  uint32_t height;
  uint32_t components;
  uint32_t bit_depth;
  uint32_t is_signed;
  uint32_t color_transform;
  uint32_t decompositions;
  float quantization_step; // of the irreversible 9/7 wavelet, relative to the full range; 0 means reversible
};

// Result codes; src/ffi.rs names the same ones.
enum {
  TELERAD_OJPH_OK = 0,
  TELERAD_OJPH_FAILED = 1,      // OpenJPH reported an error; its words are in `message`
  TELERAD_OJPH_TOO_LARGE = 2,   // the codestream or the image is larger than the caller allows
  TELERAD_OJPH_UNSUPPORTED = 3, // legal JPEG 2000 that this binding does not carry
};

// Encodes `width * height * components` interleaved samples. On success `*out` is a buffer from malloc of
// `*out_len` bytes, to be given back to telerad_ojph_free.
int telerad_ojph_encode(const telerad_ojph_image *image, const int32_t *samples, size_t max_out, uint8_t **out,
                        size_t *out_len, char *message, size_t message_len);

// Reads the main header only.
int telerad_ojph_inspect(const uint8_t *data, size_t len, telerad_ojph_image *image, char *message,
                         size_t message_len);

// Decodes into `samples`, which holds `capacity` interleaved samples and must fit exactly.
int telerad_ojph_decode(const uint8_t *data, size_t len, int32_t *samples, size_t capacity, char *message,
                        size_t message_len);

void telerad_ojph_free(uint8_t *buffer);
}
