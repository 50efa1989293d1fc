// libjpeg's error handling for one decoder: keeps the message, jumps back to the caller's frame, prints
// nothing.
//
// Included after the jpeglib.h and jerror.h of whichever libjpeg a file uses (the system's, or GDCM's for 8,
// 12 or 16 bits).
#include <setjmp.h>
#include <stdbool.h>

#include "CImageCodecs.h"

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  codec_message *message;
  bool damaged;
} jpeg_errors;

static void jpeg_fail(j_common_ptr info) {
  jpeg_errors *self = (jpeg_errors *)info->err;
  self->base.format_message(info, self->message->text);
  longjmp(self->escape, 1);
}

// libjpeg fills missing or damaged parts with grey and only warns. Treat such warnings as errors, so that no
// part of an image is ever made up.
static void jpeg_note(j_common_ptr info, int level) {
  jpeg_errors *self = (jpeg_errors *)info->err;
  if (level >= 0 || self->damaged) return;
  switch (self->base.msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_JPEG_EOF:
      self->damaged = true;
      self->base.format_message(info, self->message->text);
  }
}

static void jpeg_ignore(j_common_ptr info) { (void)info; }

static void jpeg_start(struct jpeg_decompress_struct *info, jpeg_errors *errors, codec_message *message) {
  info->err = jpeg_std_error(&errors->base);
  errors->base.error_exit = jpeg_fail;
  errors->base.emit_message = jpeg_note;
  errors->base.output_message = jpeg_ignore;
  errors->message = message;
  errors->damaged = false;
}
