// The decoders behind codec_dicom_decode, one for each kind of codestream.
#pragma once

#include "CImageCodecs.h"

#ifdef __cplusplus
extern "C" {
#endif

// GDCM's libjpegs, also lossless, for samples of at most 8, 12 and 16 bits.
codec_status codec_dicom_jpeg8(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, codec_message *message);
codec_status codec_dicom_jpeg12(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, codec_message *message);
codec_status codec_dicom_jpeg16(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, codec_message *message);
codec_status codec_dicom_jpeg2000(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, codec_message *message);

#ifdef __cplusplus
}
#endif
