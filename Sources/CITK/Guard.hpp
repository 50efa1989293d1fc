// Turns C++ exceptions into the status and message that cross the C header.
#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "CITK.h"

namespace citk {

inline citk_status report(citk_message *message, citk_status status, const char *text) {
  std::snprintf(message->text, sizeof message->text, "%s", text);
  return status;
}

template <typename Body>
citk_status guarded(citk_message *message, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return report(message, CITK_FAILED, "no memory for the image");
  } catch (const std::exception &error) {
    return report(message, CITK_FAILED, error.what());
  } catch (...) {
    return report(message, CITK_FAILED, "an unknown fault inside the imaging library");
  }
}

}  // namespace citk
