#include <openjpeg.h>
#include <stdio.h>
#include <string.h>

#include "DicomCodecs.h"

// Calls OpenJPEG directly. GDCM's class uses the same decoder, but prints its messages.

typedef struct {
  const uint8_t *bytes;
  size_t length, position;
} memory;

static OPJ_SIZE_T take(void *buffer, OPJ_SIZE_T wanted, void *user) {
  memory *self = user;
  size_t left = self->length - self->position;
  if (left == 0) return (OPJ_SIZE_T)-1;
  size_t count = wanted < left ? wanted : left;
  memcpy(buffer, self->bytes + self->position, count);
  self->position += count;
  return count;
}

static OPJ_OFF_T skip(OPJ_OFF_T count, void *user) {
  memory *self = user;
  if (count < 0 || (size_t)count > self->length - self->position) return -1;
  self->position += (size_t)count;
  return count;
}

static OPJ_BOOL seek(OPJ_OFF_T position, void *user) {
  memory *self = user;
  if (position < 0 || (size_t)position > self->length) return OPJ_FALSE;
  self->position = (size_t)position;
  return OPJ_TRUE;
}

// Keeps only the first message: later errors are its consequences.
static void keep(const char *text, void *user) {
  codec_message *message = user;
  if (message->text[0]) return;
  snprintf(message->text, sizeof message->text, "damaged JPEG 2000 data: %s", text);
  size_t end = strlen(message->text);
  while (end > 0 && message->text[end - 1] == '\n') message->text[--end] = 0;
}

static opj_stream_t *open_memory(memory *source) {
  opj_stream_t *stream = opj_stream_create(1 << 16, OPJ_TRUE);
  if (!stream) return NULL;
  opj_stream_set_read_function(stream, take);
  opj_stream_set_skip_function(stream, skip);
  opj_stream_set_seek_function(stream, seek);
  opj_stream_set_user_data(stream, source, NULL);
  opj_stream_set_user_data_length(stream, source->length);
  return stream;
}

static bool fits(const opj_image_t *image, const codec_frame *frame) {
  if (image->numcomps != frame->samples) return false;
  for (uint32_t index = 0; index < image->numcomps; index++) {
    const opj_image_comp_t *component = &image->comps[index];
    if (component->w != frame->columns || component->h != frame->rows || !component->data) return false;
  }
  return true;
}

// Writes the samples of each pixel together, each in as many little-endian bytes as the frame allocates.
static void interleave(const opj_image_t *image, const codec_frame *frame, uint8_t *destination) {
  size_t pixels = (size_t)frame->rows * frame->columns;
  uint32_t bytes = frame->bits_allocated / 8;
  for (uint32_t sample = 0; sample < frame->samples; sample++) {
    const OPJ_INT32 *values = image->comps[sample].data;
    for (size_t pixel = 0; pixel < pixels; pixel++)
      memcpy(destination + (pixel * frame->samples + sample) * bytes, &values[pixel], bytes);
  }
}

codec_status codec_dicom_jpeg2000(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, codec_message *message) {
  static const uint8_t container[] = {0, 0, 0, 12, 'j', 'P'};
  bool is_container = length >= sizeof container && memcmp(codestream, container, sizeof container) == 0;
  memory source = {codestream, length, 0};
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_stream_t *stream = open_memory(&source);
  opj_codec_t *codec = opj_create_decompress(is_container ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  opj_image_t *image = NULL;
  codec_status status = CODEC_MALFORMED;
  message->text[0] = 0;
  if (stream && codec) {
    opj_set_error_handler(codec, keep, message);
    if (opj_setup_decoder(codec, &parameters) && opj_read_header(stream, codec, &image) &&
        opj_decode(codec, stream, image) && fits(image, frame)) {
      interleave(image, frame, destination);
      status = CODEC_OK;
    }
  }
  if (status != CODEC_OK) keep("its size does not agree with the header", message);
  opj_image_destroy(image);
  opj_destroy_codec(codec);
  opj_stream_destroy(stream);
  return status;
}
