#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <jpeglib.h>

#include <jerror.h>

#include "JpegErrors.h"

// Reads the header and chooses the colours to decode to. Returns false, with a message, for the colours of
// print (CMYK): their appearance depends on a colour profile.
static bool open_source(
    struct jpeg_decompress_struct *info, const uint8_t *bytes, size_t length, codec_message *message) {
  jpeg_create_decompress(info);
  jpeg_mem_src(info, bytes, length);
  jpeg_read_header(info, TRUE);
  if (info->jpeg_color_space == JCS_YCbCr) info->out_color_space = JCS_RGB;
  if (info->jpeg_color_space != JCS_CMYK && info->jpeg_color_space != JCS_YCCK) return true;
  snprintf(
      message->text, sizeof message->text,
      "is a JPEG in the colours of print (CMYK); save it as an RGB or grey picture");
  return false;
}

codec_status codec_jpeg_header(const uint8_t *bytes, size_t length, codec_raster *raster, codec_message *message) {
  struct jpeg_decompress_struct info;
  jpeg_errors errors;
  jpeg_start(&info, &errors, message);
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return CODEC_MALFORMED;
  }
  if (!open_source(&info, bytes, length, message)) {
    jpeg_destroy_decompress(&info);
    return CODEC_UNSUPPORTED;
  }
  jpeg_calc_output_dimensions(&info);
  *raster = (codec_raster){
      .width = info.output_width, .height = info.output_height, .channels = info.output_components, .bits = 8};
  jpeg_destroy_decompress(&info);
  return CODEC_OK;
}

codec_status codec_jpeg_decode(
    const uint8_t *bytes, size_t length, uint8_t *destination, size_t capacity, codec_message *message) {
  struct jpeg_decompress_struct info;
  jpeg_errors errors;
  jpeg_start(&info, &errors, message);
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return CODEC_MALFORMED;
  }
  if (!open_source(&info, bytes, length, message)) {
    jpeg_destroy_decompress(&info);
    return CODEC_UNSUPPORTED;
  }
  jpeg_start_decompress(&info);
  size_t stride = (size_t)info.output_width * info.output_components;
  if (stride * info.output_height != capacity) {
    jpeg_destroy_decompress(&info);
    snprintf(message->text, sizeof message->text, "the size does not agree with the header");
    return CODEC_MALFORMED;
  }
  while (info.output_scanline < info.output_height && !errors.damaged) {
    JSAMPROW row = destination + stride * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_destroy_decompress(&info);
  return errors.damaged ? CODEC_MALFORMED : CODEC_OK;
}
