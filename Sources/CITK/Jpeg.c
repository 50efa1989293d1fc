#include <setjmp.h>
#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <jpeglib.h>

#include "CITK.h"

// libjpeg's error handler: keeps the message, jumps back to the caller's frame, prints nothing.
typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  citk_message *message;
} handler;

static void fail(j_common_ptr info) {
  handler *self = (handler *)info->err;
  self->base.format_message(info, self->message->text);
  longjmp(self->escape, 1);
}

static void ignore(j_common_ptr info) { (void)info; }

static void start(struct jpeg_decompress_struct *info, handler *errors, citk_message *message) {
  info->err = jpeg_std_error(&errors->base);
  errors->base.error_exit = fail;
  errors->base.output_message = ignore;
  errors->message = message;
}

// Reads the header and settles the colours to decode to.
static void open_source(struct jpeg_decompress_struct *info, const uint8_t *bytes, size_t length) {
  jpeg_create_decompress(info);
  jpeg_mem_src(info, bytes, length);
  jpeg_read_header(info, TRUE);
  if (info->jpeg_color_space == JCS_YCbCr) info->out_color_space = JCS_RGB;
  if (info->jpeg_color_space == JCS_YCCK) info->out_color_space = JCS_CMYK;
}

citk_status citk_jpeg_header(const uint8_t *bytes, size_t length, citk_raster *raster, citk_message *message) {
  struct jpeg_decompress_struct info;
  handler errors;
  start(&info, &errors, message);
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return CITK_MALFORMED;
  }
  open_source(&info, bytes, length);
  jpeg_calc_output_dimensions(&info);
  *raster = (citk_raster){
      .width = info.output_width, .height = info.output_height, .channels = info.output_components, .bits = 8};
  jpeg_destroy_decompress(&info);
  return CITK_OK;
}

citk_status citk_jpeg_decode(
    const uint8_t *bytes, size_t length, uint8_t *destination, size_t capacity, citk_message *message) {
  struct jpeg_decompress_struct info;
  handler errors;
  start(&info, &errors, message);
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return CITK_MALFORMED;
  }
  open_source(&info, bytes, length);
  jpeg_start_decompress(&info);
  size_t stride = (size_t)info.output_width * info.output_components;
  if (stride * info.output_height != capacity) {
    jpeg_destroy_decompress(&info);
    snprintf(message->text, sizeof message->text, "the size does not agree with the header");
    return CITK_MALFORMED;
  }
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = destination + stride * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  // libjpeg fills what is missing with grey and only warns; an image is never partly invented here.
  if (errors.base.num_warnings > 0) {
    errors.base.format_message((j_common_ptr)&info, message->text);
    jpeg_destroy_decompress(&info);
    return CITK_MALFORMED;
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return CITK_OK;
}
