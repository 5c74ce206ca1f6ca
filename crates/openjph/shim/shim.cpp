#include "shim.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>

#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>

namespace {

using ojph::ui32;

// OpenJPH 0.9 prints what it finds wrong and throws an exception without words; replacing its message objects has no
// effect (configure_error is empty there). So it is given a stream that ends in this buffer: a decoder of strangers'
// bytes has no business on our stderr, and the words are wanted.
struct last_words {
  char text[400];
  size_t used;
};
thread_local last_words words = {};

ssize_t collect(void *, const char *data, size_t size) {
  const size_t room = sizeof(words.text) - 1 - words.used;
  const size_t taken = size < room ? size : room;
  memcpy(words.text + words.used, data, taken);
  words.used += taken;
  words.text[words.used] = '\0';
  return static_cast<ssize_t>(size);
}

ssize_t discard(void *, const char *, size_t size) { return static_cast<ssize_t>(size); }

FILE *stream_to(cookie_write_function_t *write) {
  cookie_io_functions_t functions = {};
  functions.write = write;
  FILE *stream = fopencookie(nullptr, "w", functions);
  if (stream == nullptr)
    throw std::bad_alloc();
  setvbuf(stream, nullptr, _IONBF, 0);
  return stream;
}

void redirect_messages() {
  static std::once_flag once;
  std::call_once(once, [] {
    ojph::set_error_stream(stream_to(collect));
    ojph::set_warning_stream(stream_to(discard));
    ojph::set_info_stream(stream_to(discard));
  });
  words = last_words();
}

struct too_large {};
struct unsupported {
  const char *what;
};

// Collects the codestream, refusing to grow beyond what the caller allows.
class bounded_outfile : public ojph::outfile_base {
public:
  explicit bounded_outfile(size_t limit) : limit(limit) {}
  ~bounded_outfile() override { free(buffer); }

  size_t write(const void *ptr, size_t size) override {
    if (size > limit - used)
      throw too_large();
    if (used + size > allocated) {
      size_t wanted = allocated ? allocated * 2 : 65536;
      while (wanted < used + size)
        wanted *= 2;
      void *grown = realloc(buffer, wanted);
      if (grown == nullptr)
        throw too_large();
      buffer = static_cast<uint8_t *>(grown);
      allocated = wanted;
    }
    memcpy(buffer + used, ptr, size);
    used += size;
    return size;
  }
  ojph::si64 tell() override { return static_cast<ojph::si64>(used); }

  uint8_t *release(size_t *length) {
    uint8_t *result = buffer;
    *length = used;
    buffer = nullptr;
    return result;
  }

private:
  size_t limit;
  uint8_t *buffer = nullptr;
  size_t used = 0;
  size_t allocated = 0;
};

void say(char *message, size_t length, const char *text) {
  if (message != nullptr && length > 0)
    snprintf(message, length, "%s", text);
}

// Runs `work`, turning every exception into a result code.
template <typename Work> int guarded(char *message, size_t message_len, Work work) {
  try {
    redirect_messages();
    work();
    return TELERAD_OJPH_OK;
  } catch (const too_large &) {
    return TELERAD_OJPH_TOO_LARGE;
  } catch (const std::bad_alloc &) {
    return TELERAD_OJPH_TOO_LARGE;
  } catch (const unsupported &refusal) {
    say(message, message_len, refusal.what);
    return TELERAD_OJPH_UNSUPPORTED;
  } catch (const std::exception &failure) {
    say(message, message_len, words.used > 0 ? words.text : failure.what());
    return TELERAD_OJPH_FAILED;
  } catch (const char *failure) { // ojph_mem.h throws string literals
    say(message, message_len, failure);
    return TELERAD_OJPH_FAILED;
  } catch (...) {
    say(message, message_len, "unknown exception");
    return TELERAD_OJPH_FAILED;
  }
}

// Only images that start at the origin of the reference grid, without subsampling, all components alike.
telerad_ojph_image describe(ojph::codestream &stream) {
  ojph::param_siz siz = stream.access_siz();
  const ojph::point extent = siz.get_image_extent();
  const ojph::point offset = siz.get_image_offset();
  if (offset.x != 0 || offset.y != 0)
    throw unsupported{"image offset on the reference grid"};
  telerad_ojph_image image = {};
  image.width = extent.x;
  image.height = extent.y;
  image.components = siz.get_num_components();
  if (image.components == 0)
    throw unsupported{"no components"};
  image.bit_depth = siz.get_bit_depth(0);
  image.is_signed = siz.is_signed(0) ? 1 : 0;
  for (ui32 component = 0; component < image.components; ++component) {
    const ojph::point step = siz.get_downsampling(component);
    if (step.x != 1 || step.y != 1)
      throw unsupported{"subsampled components"};
    if (siz.get_bit_depth(component) != image.bit_depth || (siz.is_signed(component) ? 1u : 0u) != image.is_signed)
      throw unsupported{"components of different kinds"};
  }
  ojph::param_cod cod = stream.access_cod();
  image.color_transform = cod.is_using_color_transform() ? 1 : 0;
  image.decompositions = cod.get_num_decompositions();
  return image;
}

} // namespace

extern "C" int telerad_ojph_encode(const telerad_ojph_image *image, const int32_t *samples, size_t max_out,
                                   uint8_t **out, size_t *out_len, char *message, size_t message_len) {
  return guarded(message, message_len, [&] {
    bounded_outfile file(max_out);
    ojph::codestream stream;

    ojph::param_siz siz = stream.access_siz();
    siz.set_image_extent(ojph::point(image->width, image->height));
    siz.set_num_components(image->components);
    for (ui32 component = 0; component < image->components; ++component)
      siz.set_component(component, ojph::point(1, 1), image->bit_depth, image->is_signed != 0);

    ojph::param_cod cod = stream.access_cod();
    cod.set_num_decomposition(image->decompositions);
    cod.set_block_dims(64, 64);
    cod.set_progression_order("RPCL");
    cod.set_color_transform(image->color_transform != 0);
    const bool reversible = image->quantization_step <= 0.0f;
    cod.set_reversible(reversible);
    if (!reversible)
      stream.access_qcd().set_irrev_quant(image->quantization_step);
    stream.set_planar(false);

    stream.write_headers(&file);
    ui32 component = 0;
    ojph::line_buf *line = stream.exchange(nullptr, component);
    const size_t width = image->width;
    const size_t step = image->components;
    for (size_t y = 0; y < image->height; ++y) {
      for (size_t turn = 0; turn < step; ++turn) {
        const int32_t *source = samples + y * width * step + component;
        for (size_t x = 0; x < width; ++x)
          line->i32[x] = source[x * step];
        line = stream.exchange(line, component);
      }
    }
    stream.flush();
    stream.close();
    *out = file.release(out_len);
  });
}

extern "C" int telerad_ojph_inspect(const uint8_t *data, size_t len, telerad_ojph_image *image, char *message,
                                    size_t message_len) {
  return guarded(message, message_len, [&] {
    ojph::mem_infile file;
    file.open(data, len);
    ojph::codestream stream;
    stream.read_headers(&file);
    *image = describe(stream);
  });
}

extern "C" int telerad_ojph_decode(const uint8_t *data, size_t len, int32_t *samples, size_t capacity, char *message,
                                   size_t message_len) {
  return guarded(message, message_len, [&] {
    ojph::mem_infile file;
    file.open(data, len);
    ojph::codestream stream;
    stream.read_headers(&file);
    const telerad_ojph_image image = describe(stream);
    const size_t width = image.width, height = image.height, step = image.components;
    if (width * height * step != capacity)
      throw too_large();
    stream.set_planar(false);
    stream.create();
    for (size_t y = 0; y < height; ++y) {
      for (size_t turn = 0; turn < step; ++turn) {
        ui32 component = 0;
        ojph::line_buf *line = stream.pull(component);
        if (line == nullptr || component >= step || line->size < width)
          throw unsupported{"a line that does not match the header"};
        int32_t *target = samples + y * width * step + component;
        for (size_t x = 0; x < width; ++x)
          target[x * step] = line->i32[x];
      }
    }
    stream.close();
  });
}

extern "C" void telerad_ojph_free(uint8_t *buffer) { free(buffer); }
