// Decodes a DICOM frame of JPEG, lossy or lossless, with one of GDCM's three libjpegs.
//
// GDCM's own classes are avoided: they print libjpeg's warnings and abort on some damaged frames. Included by
// DicomJpeg8.c, DicomJpeg12.c and DicomJpeg16.c, each after the jpeglib.h of its bit depth and with DECODE
// defined as the name of its function.
#include <string.h>

#include "DicomCodecs.h"
#include "JpegErrors.h"

static void source_nothing(j_decompress_ptr info) { (void)info; }

// All bytes are available from the start. If the decoder asks for more, the image ends early: give it an end
// marker.
static boolean source_end(j_decompress_ptr info) {
  static const JOCTET end[] = {0xFF, JPEG_EOI};
  info->src->next_input_byte = end;
  info->src->bytes_in_buffer = sizeof end;
  return TRUE;
}

static void source_skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  size_t step = (size_t)count < info->src->bytes_in_buffer ? (size_t)count : info->src->bytes_in_buffer;
  info->src->next_input_byte += step;
  info->src->bytes_in_buffer -= step;
}

codec_status DECODE(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, codec_message *message) {
  struct jpeg_decompress_struct info;
  jpeg_errors errors;
  struct jpeg_source_mgr source = {
      .next_input_byte = codestream,
      .bytes_in_buffer = length,
      .init_source = source_nothing,
      .fill_input_buffer = source_end,
      .skip_input_data = source_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = source_nothing};
  memset(&info, 0, sizeof info);
  jpeg_start(&info, &errors, message);
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return CODEC_MALFORMED;
  }
  jpeg_create_decompress(&info);
  info.src = &source;
  jpeg_read_header(&info, TRUE);
  // Return components as they are stored: the data set decides what colours they mean.
  info.jpeg_color_space = JCS_UNKNOWN;
  info.out_color_space = JCS_UNKNOWN;
  jpeg_start_decompress(&info);
  if (info.output_width != frame->columns || info.output_height != frame->rows ||
      info.output_components != (int)frame->samples || sizeof(JSAMPLE) * 8 != frame->bits_allocated) {
    jpeg_destroy_decompress(&info);
    snprintf(message->text, sizeof message->text, "the size does not agree with the header");
    return CODEC_MALFORMED;
  }
  size_t stride = (size_t)info.output_width * info.output_components * sizeof(JSAMPLE);
  while (info.output_scanline < info.output_height && !errors.damaged) {
    JSAMPROW row = (JSAMPROW)(destination + stride * info.output_scanline);
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_destroy_decompress(&info);
  return errors.damaged ? CODEC_MALFORMED : CODEC_OK;
}
