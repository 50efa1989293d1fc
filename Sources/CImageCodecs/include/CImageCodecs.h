// The C interface to the native imaging libraries: GDCM (ITK's DICOM library), OpenJPEG, libjpeg, libpng and
// zlib.
//
// Every function that can fail returns a codec_status and writes a message of at most CODEC_MESSAGE_LENGTH
// bytes. No C++ exception and no longjmp crosses this header. No function keeps state between calls, so any
// number of threads may call at once, each with its own handles.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CODEC_MESSAGE_LENGTH 512

typedef enum {
  CODEC_OK = 0,
  CODEC_MALFORMED = 1,    // the content breaks its format, or ends early
  CODEC_UNSUPPORTED = 2,  // well-formed, but of an unsupported kind
  CODEC_FAILED = 3,       // no memory, or a fault inside a library
} codec_status;

typedef struct {
  char text[CODEC_MESSAGE_LENGTH];
} codec_message;

// MARK: zlib

typedef enum { CODEC_GZIP_OR_ZLIB = 0, CODEC_RAW_DEFLATE = 1 } codec_wrapper;
typedef struct codec_inflater codec_inflater;

// Starts to inflate `source`, which must outlive the inflater. Returns NULL if memory runs out.
codec_inflater *codec_inflater_create(const uint8_t *source, size_t length, codec_wrapper wrapper);
// Writes up to `capacity` bytes. `written` is less only at the end of the stream, whose checksum has then
// been verified.
codec_status codec_inflater_read(
    codec_inflater *inflater, uint8_t *destination, size_t capacity, size_t *written, codec_message *message);
void codec_inflater_free(codec_inflater *inflater);

// The most bytes that codec_deflate can write for `length` bytes.
size_t codec_deflate_bound(size_t length);
// Compresses into the zlib format, as PNG's IDAT chunk requires.
codec_status codec_deflate(
    const uint8_t *source, size_t length, uint8_t *destination, size_t capacity, size_t *written,
    codec_message *message);
uint32_t codec_crc32(const uint8_t *bytes, size_t length);

// MARK: JPEG and PNG

typedef struct {
  uint32_t width, height;
  uint32_t channels;
  uint32_t bits;  // per sample as decoded: 8 or 16
} codec_raster;

// Reads the shape of a JPEG (baseline, extended or progressive, 8 bit) or PNG without decoding it. A JPEG in
// CMYK is CODEC_UNSUPPORTED. `indexed`: a PNG with a palette yields the indices instead of the colours; other
// pictures are unaffected.
codec_status codec_jpeg_header(const uint8_t *bytes, size_t length, codec_raster *raster, codec_message *message);
codec_status codec_png_header(
    const uint8_t *bytes, size_t length, bool indexed, codec_raster *raster, codec_message *message);
// Decodes into rows × columns × channels, 16-bit samples in host order. `capacity` must be the raster's size
// in bytes. JPEG yields grey or RGB (converted from YCbCr). PNG expands 1, 2 or 4 bits to 8, keeps alpha, and
// expands a palette to its colours unless `indexed`.
codec_status codec_jpeg_decode(
    const uint8_t *bytes, size_t length, uint8_t *destination, size_t capacity, codec_message *message);
codec_status codec_png_decode(
    const uint8_t *bytes, size_t length, bool indexed, uint8_t *destination, size_t capacity,
    codec_message *message);
// A PNG's palette as red, green, blue; `count` is 0 for a picture without one.
typedef struct {
  uint32_t count;
  uint8_t colours[3 * 256];
} codec_palette;
codec_status codec_png_palette(
    const uint8_t *bytes, size_t length, codec_palette *palette, codec_message *message);

// MARK: DICOM

// One compressed frame of DICOM pixel data, as its data set and its codestream describe it.
typedef struct {
  const char *transfer_syntax;  // UID of a JPEG, JPEG-LS or JPEG 2000 syntax
  const char *photometric;      // (0028,0004)
  uint32_t rows, columns, samples;
  uint32_t bits_allocated, bits_stored;  // of the codestream
  bool is_signed;
  uint32_t planar_configuration;
} codec_frame;

// Decodes one frame, without any colour conversion except the one that the codestream itself demands (JPEG
// 2000's component transform). `capacity` must be rows × columns × samples × bits_allocated / 8.
codec_status codec_dicom_decode(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, size_t capacity,
    codec_message *message);

#ifdef __cplusplus
}
#endif

#endif
