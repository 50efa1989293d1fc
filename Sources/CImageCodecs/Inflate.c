#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "CImageCodecs.h"

struct codec_inflater {
  z_stream stream;
  const uint8_t *next;
  size_t remaining;
  codec_wrapper wrapper;
  bool finished;
};

codec_inflater *codec_inflater_create(const uint8_t *source, size_t length, codec_wrapper wrapper) {
  codec_inflater *inflater = calloc(1, sizeof *inflater);
  if (!inflater) return NULL;
  *inflater = (codec_inflater){.next = source, .remaining = length, .wrapper = wrapper};
  // Adding 32 makes zlib detect gzip and zlib by their headers.
  if (inflateInit2(&inflater->stream, wrapper == CODEC_RAW_DEFLATE ? -MAX_WBITS : MAX_WBITS + 32) != Z_OK) {
    free(inflater);
    return NULL;
  }
  return inflater;
}

void codec_inflater_free(codec_inflater *inflater) {
  if (!inflater) return;
  inflateEnd(&inflater->stream);
  free(inflater);
}

// A gzip file may hold several members one after the other (bgzip, pigz); other trailing bytes are padding.
static bool start_next_member(codec_inflater *inflater) {
  size_t left = inflater->stream.avail_in + inflater->remaining;
  const uint8_t *at = inflater->stream.next_in;
  if (inflater->wrapper == CODEC_RAW_DEFLATE || left < 18 || at[0] != 0x1F || at[1] != 0x8B) return false;
  return inflateReset(&inflater->stream) == Z_OK;
}

codec_status codec_inflater_read(
    codec_inflater *inflater, uint8_t *destination, size_t capacity, size_t *written, codec_message *message) {
  z_stream *stream = &inflater->stream;
  *written = 0;
  while (*written < capacity && !inflater->finished) {
    if (stream->avail_in == 0 && inflater->remaining > 0) {
      uInt chunk = inflater->remaining < UINT_MAX ? (uInt)inflater->remaining : UINT_MAX;
      stream->next_in = (Bytef *)inflater->next;
      stream->avail_in = chunk;
      inflater->next += chunk;
      inflater->remaining -= chunk;
    }
    size_t wanted = capacity - *written;
    uInt room = wanted < UINT_MAX ? (uInt)wanted : UINT_MAX;
    stream->next_out = destination + *written;
    stream->avail_out = room;
    int code = inflate(stream, Z_NO_FLUSH);
    *written += room - stream->avail_out;
    if (code == Z_STREAM_END) {
      inflater->finished = !start_next_member(inflater);
    } else if (code == Z_BUF_ERROR && stream->avail_in == 0 && inflater->remaining == 0) {
      snprintf(message->text, sizeof message->text, "the compressed data end early");
      return CODEC_MALFORMED;
    } else if (code == Z_MEM_ERROR) {
      snprintf(message->text, sizeof message->text, "no memory to decompress");
      return CODEC_FAILED;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      snprintf(
          message->text, sizeof message->text, "the compressed data are damaged (%s)",
          stream->msg ? stream->msg : "unexpected content");
      return CODEC_MALFORMED;
    }
  }
  return CODEC_OK;
}

size_t codec_deflate_bound(size_t length) { return compressBound(length); }

codec_status codec_deflate(
    const uint8_t *source, size_t length, uint8_t *destination, size_t capacity, size_t *written,
    codec_message *message) {
  uLongf size = capacity;
  if (compress2(destination, &size, source, length, 6) != Z_OK) {
    snprintf(message->text, sizeof message->text, "could not compress %zu bytes", length);
    return CODEC_FAILED;
  }
  *written = size;
  return CODEC_OK;
}

uint32_t codec_crc32(const uint8_t *bytes, size_t length) { return (uint32_t)crc32_z(0, bytes, length); }
