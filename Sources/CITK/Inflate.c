#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "CITK.h"

struct citk_inflater {
  z_stream stream;
  const uint8_t *next;
  size_t remaining;
  citk_wrapper wrapper;
  bool finished;
};

citk_inflater *citk_inflater_create(const uint8_t *source, size_t length, citk_wrapper wrapper) {
  citk_inflater *inflater = calloc(1, sizeof *inflater);
  if (!inflater) return NULL;
  *inflater = (citk_inflater){.next = source, .remaining = length, .wrapper = wrapper};
  // 32 lets zlib tell gzip from zlib by their headers.
  if (inflateInit2(&inflater->stream, wrapper == CITK_RAW_DEFLATE ? -MAX_WBITS : MAX_WBITS + 32) != Z_OK) {
    free(inflater);
    return NULL;
  }
  return inflater;
}

void citk_inflater_free(citk_inflater *inflater) {
  if (!inflater) return;
  inflateEnd(&inflater->stream);
  free(inflater);
}

// A gzip file may hold several members one after the other (bgzip, pigz); other trailing bytes are padding.
static bool start_next_member(citk_inflater *inflater) {
  size_t left = inflater->stream.avail_in + inflater->remaining;
  const uint8_t *at = inflater->stream.next_in;
  if (inflater->wrapper == CITK_RAW_DEFLATE || left < 18 || at[0] != 0x1F || at[1] != 0x8B) return false;
  return inflateReset(&inflater->stream) == Z_OK;
}

citk_status citk_inflater_read(
    citk_inflater *inflater, uint8_t *destination, size_t capacity, size_t *written, citk_message *message) {
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
      return CITK_MALFORMED;
    } else if (code == Z_MEM_ERROR) {
      snprintf(message->text, sizeof message->text, "no memory to decompress");
      return CITK_FAILED;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      snprintf(
          message->text, sizeof message->text, "the compressed data are damaged (%s)",
          stream->msg ? stream->msg : "unexpected content");
      return CITK_MALFORMED;
    }
  }
  return CITK_OK;
}

size_t citk_deflate_bound(size_t length) { return compressBound(length); }

citk_status citk_deflate(
    const uint8_t *source, size_t length, uint8_t *destination, size_t capacity, size_t *written,
    citk_message *message) {
  uLongf size = capacity;
  if (compress2(destination, &size, source, length, 6) != Z_OK) {
    snprintf(message->text, sizeof message->text, "could not compress %zu bytes", length);
    return CITK_FAILED;
  }
  *written = size;
  return CITK_OK;
}

uint32_t citk_crc32(const uint8_t *bytes, size_t length) { return (uint32_t)crc32_z(0, bytes, length); }
