#include <png.h>
#include <stdio.h>
#include <string.h>

#include "CImageCodecs.h"

typedef struct {
  const uint8_t *bytes;
  size_t remaining;
  codec_message *message;
} source;

static void fail(png_structp png, png_const_charp text) {
  source *self = png_get_error_ptr(png);
  snprintf(self->message->text, sizeof self->message->text, "%s", text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep destination, size_t length) {
  source *self = png_get_io_ptr(png);
  if (length > self->remaining) png_error(png, "the file ends early");
  memcpy(destination, self->bytes, length);
  self->bytes += length;
  self->remaining -= length;
}

typedef void body(png_structp png, png_infop info, void *context);

// Opens a PNG, reads its header and calls `read`. libpng leaves `read` by a jump if the file is malformed.
static codec_status with_png(
    const uint8_t *bytes, size_t length, codec_message *message, body *read, void *context) {
  source input = {bytes, length, message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(message->text, sizeof message->text, "no memory to read a PNG");
    return CODEC_FAILED;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return CODEC_MALFORMED;
  }
  png_set_read_fn(png, &input, take);
  png_set_user_limits(png, 1 << 20, 1 << 20);
  png_read_info(png, info);
  read(png, info, context);
  png_destroy_read_struct(&png, &info, NULL);
  return CODEC_OK;
}

// Requests 8 or 16 bits per sample, in host order; palettes are expanded unless `indexed`. Returns the number
// of passes: seven over the same rows in interlaced images, otherwise one.
static int choose_samples(png_structp png, png_infop info, bool indexed) {
  if (indexed && png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE) {
    png_set_packing(png);
  } else {
    png_set_expand(png);
  }
  if (png_get_bit_depth(png, info) == 16) png_set_swap(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  return passes;
}

typedef struct {
  bool indexed;
  codec_raster *raster;
} header_request;

static void read_header(png_structp png, png_infop info, void *context) {
  header_request *request = context;
  choose_samples(png, info, request->indexed);
  *request->raster = (codec_raster){
      .width = png_get_image_width(png, info),
      .height = png_get_image_height(png, info),
      .channels = png_get_channels(png, info),
      .bits = png_get_bit_depth(png, info)};
}

codec_status codec_png_header(
    const uint8_t *bytes, size_t length, bool indexed, codec_raster *raster, codec_message *message) {
  header_request request = {indexed, raster};
  return with_png(bytes, length, message, read_header, &request);
}

typedef struct {
  bool indexed;
  uint8_t *destination;
  size_t capacity;
} pixel_request;

static void read_pixels(png_structp png, png_infop info, void *context) {
  pixel_request *request = context;
  int passes = choose_samples(png, info, request->indexed);
  size_t stride = png_get_rowbytes(png, info);
  uint32_t height = png_get_image_height(png, info);
  if (stride * height != request->capacity) png_error(png, "the size does not agree with the header");
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t row = 0; row < height; row++) png_read_row(png, request->destination + stride * row, NULL);
  }
  png_read_end(png, NULL);
}

codec_status codec_png_decode(
    const uint8_t *bytes, size_t length, bool indexed, uint8_t *destination, size_t capacity,
    codec_message *message) {
  pixel_request request = {indexed, destination, capacity};
  return with_png(bytes, length, message, read_pixels, &request);
}

static void read_palette(png_structp png, png_infop info, void *context) {
  codec_palette *palette = context;
  png_colorp entries = NULL;
  int count = 0;
  *palette = (codec_palette){0};
  if (!png_get_PLTE(png, info, &entries, &count)) return;
  if (png_get_color_type(png, info) != PNG_COLOR_TYPE_PALETTE) return;
  palette->count = (uint32_t)(count > 256 ? 256 : count);
  for (uint32_t i = 0; i < palette->count; i++) {
    palette->colours[3 * i] = entries[i].red;
    palette->colours[3 * i + 1] = entries[i].green;
    palette->colours[3 * i + 2] = entries[i].blue;
  }
}

codec_status codec_png_palette(
    const uint8_t *bytes, size_t length, codec_palette *palette, codec_message *message) {
  return with_png(bytes, length, message, read_palette, palette);
}
