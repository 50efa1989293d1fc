// The decoders behind citk_dicom_decode, one for each kind of codestream.
#pragma once

#include "CITK.h"

#ifdef __cplusplus
extern "C" {
#endif

// GDCM's libjpegs, also lossless, for samples of at most 8, 12 and 16 bits.
citk_status citk_dicom_jpeg8(
    const citk_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, citk_message *message);
citk_status citk_dicom_jpeg12(
    const citk_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, citk_message *message);
citk_status citk_dicom_jpeg16(
    const citk_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, citk_message *message);
citk_status citk_dicom_jpeg2000(
    const citk_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, citk_message *message);

#ifdef __cplusplus
}
#endif
