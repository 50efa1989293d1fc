// Turns C++ exceptions into the status and message that cross the C header.
#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "CImageCodecs.h"

namespace codec {

inline codec_status report(codec_message *message, codec_status status, const char *text) {
  std::snprintf(message->text, sizeof message->text, "%s", text);
  return status;
}

template <typename Body>
codec_status guarded(codec_message *message, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return report(message, CODEC_FAILED, "no memory for the image");
  } catch (const std::exception &error) {
    return report(message, CODEC_FAILED, error.what());
  } catch (...) {
    return report(message, CODEC_FAILED, "an unknown fault inside the imaging library");
  }
}

}  // namespace codec
