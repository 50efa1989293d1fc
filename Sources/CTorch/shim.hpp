#pragma once

// Definitions shared by the sources of CTorch: the handles, and the guard that turns exceptions into a
// status.

#if !__has_include(<ATen/core/Tensor.h>)
#error "libtorch is missing: run make setup"
#endif

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <atomic>
#include <utility>
#include <vector>

#include "ctorch.h"

namespace ct {
inline std::atomic<ptrdiff_t> live_handles{0};

/// Counts the live handles, so that a test can prove that training leaks none.
struct Counted {
  Counted() { live_handles.fetch_add(1, std::memory_order_relaxed); }
  ~Counted() { live_handles.fetch_sub(1, std::memory_order_relaxed); }
  Counted(const Counted &) = delete;
  Counted &operator=(const Counted &) = delete;
};
}  // namespace ct

struct CTTensor : ct::Counted {
  explicit CTTensor(at::Tensor value) : value(std::move(value)) {}
  at::Tensor value;
};

struct CTTensorList : ct::Counted {
  explicit CTTensorList(std::vector<at::Tensor> values) : values(std::move(values)) {}
  std::vector<at::Tensor> values;
};

struct CTGenerator {
  at::Generator value;
};

namespace ct {

/// Writes the message of the exception in flight and returns its status. Call it only inside a catch block.
CTStatus describe_exception(char **message) noexcept;

/// Applies the process's thread count to the calling thread, since OpenMP and MKL keep one for each thread.
void adopt_thread_count();

template <class Body>
CTStatus guarded(char **message, Body &&body) noexcept {
  try {
    adopt_thread_count();
    body();
    return CTStatusOk;
  } catch (...) {
    return describe_exception(message);
  }
}

/// Runs `body`, which returns a tensor, and passes it to the caller as a new handle.
template <class Body>
CTStatus produce(CTTensor **out, char **message, Body &&body) noexcept {
  return guarded(message, [&] { *out = new CTTensor(body()); });
}

inline at::IntArrayRef sizes(const ptrdiff_t *values, size_t count) {
  static_assert(sizeof(ptrdiff_t) == sizeof(int64_t));
  return {reinterpret_cast<const int64_t *>(values), count};
}

inline std::optional<at::Tensor> optional(const CTTensor *tensor) {
  if (tensor == nullptr) return std::nullopt;
  return tensor->value;
}

inline std::vector<at::Tensor> values(const CTTensor *const *tensors, size_t count) {
  std::vector<at::Tensor> result;
  result.reserve(count);
  for (size_t i = 0; i < count; ++i) result.push_back(tensors[i]->value);
  return result;
}

at::ScalarType scalar_type(CTDType dtype);
/// The device, checked to exist in this build and on this machine.
at::Device device(CTDevice device);
at::MemoryFormat memory_format(CTMemoryFormat format);

}  // namespace ct
