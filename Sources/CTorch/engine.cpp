// The engine as a whole: versions, threads, devices, generators and errors.

#include "shim.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/cpu/Utils.h>
#include <c10/util/Exception.h>
#include <malloc.h>
#include <torch/headeronly/version.h>

#include <cstring>
#include <new>

namespace ct {
namespace {

/// A device that this build or machine lacks.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::atomic<int> chosen_thread_count{0};
thread_local int thread_count_here = 0;

CTStatus fail(char **message, const char *text, CTStatus status) noexcept {
  *message = strdup(text);
  return status;
}

/// Whether an error is due to a lack of memory. libtorch's CPU allocator reports it as a plain error, so
/// only the text of the error shows it.
bool tells_of_memory(const char *text) {
  return std::strstr(text, "not enough memory") != nullptr || std::strstr(text, "can't allocate memory") != nullptr;
}

}  // namespace

CTStatus describe_exception(char **message) noexcept {
  try {
    throw;
  } catch (const Unavailable &error) {
    return fail(message, error.what(), CTStatusUnavailable);
  } catch (const c10::OutOfMemoryError &error) {
    return fail(message, error.what_without_backtrace(), CTStatusOutOfMemory);
  } catch (const c10::Error &error) {
    const char *text = error.what_without_backtrace();
    return fail(message, text, tells_of_memory(text) ? CTStatusOutOfMemory : CTStatusInvalidArgument);
  } catch (const std::bad_alloc &error) {
    return fail(message, "out of memory", CTStatusOutOfMemory);
  } catch (const std::exception &error) {
    return fail(message, error.what(), CTStatusOther);
  } catch (...) {
    return fail(message, "an unknown error inside libtorch", CTStatusOther);
  }
}

void adopt_thread_count() {
  int count = chosen_thread_count.load(std::memory_order_relaxed);
  if (count == thread_count_here) return;
  at::set_num_threads(count);
  thread_count_here = count;
}

at::ScalarType scalar_type(CTDType dtype) {
  switch (dtype) {
    case CTDTypeFloat32: return at::kFloat;
    case CTDTypeFloat64: return at::kDouble;
    case CTDTypeBFloat16: return at::kBFloat16;
    case CTDTypeFloat16: return at::kHalf;
    case CTDTypeInt64: return at::kLong;
    case CTDTypeInt32: return at::kInt;
    case CTDTypeUInt8: return at::kByte;
    case CTDTypeBool: return at::kBool;
  }
}

at::Device device(CTDevice device) {
  if (device.cuda < 0) return at::kCPU;
  int count = ct_cuda_count();
  if (device.cuda >= count) {
    std::string found = at::hasCUDA() ? "this machine has " + std::to_string(count) + " usable CUDA device(s)"
                                      : "this build of libtorch is for the CPU only";
    throw Unavailable("CUDA device " + std::to_string(device.cuda) + " is not available: " + found);
  }
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.cuda));
}

at::MemoryFormat memory_format(CTMemoryFormat format) {
  switch (format) {
    case CTMemoryFormatContiguous: return at::MemoryFormat::Contiguous;
    case CTMemoryFormatChannelsLast: return at::MemoryFormat::ChannelsLast;
    case CTMemoryFormatChannelsLast3d: return at::MemoryFormat::ChannelsLast3d;
  }
}

}  // namespace ct

const char *ct_version() { return TORCH_VERSION; }
char *ct_cpu_capability() { return strdup(at::get_cpu_capability().c_str()); }
char *ct_onednn_version() { return strdup(at::get_mkldnn_version().c_str()); }
char *ct_mkl_version() { return strdup(at::get_mkl_version().c_str()); }

CTStatus ct_set_thread_count(int count, char **message) {
  return ct::guarded(message, [&] {
    TORCH_CHECK_VALUE(count > 0, "the number of threads must be positive, not ", count);
    ct::chosen_thread_count = count;
    ct::adopt_thread_count();
  });
}

int ct_thread_count() { return at::get_num_threads(); }

void ct_set_deterministic(bool on) {
  auto &context = at::globalContext();
  context.setDeterministicAlgorithms(on, /*warn_only=*/false);
  context.setDeterministicFillUninitializedMemory(false);
  context.setDeterministicCuDNN(on);
  context.setBenchmarkCuDNN(!on);
}

void ct_keep_freed_memory() {
  // By default glibc maps each large block anew, so every activation of every step would cause its page
  // faults again.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
}

bool ct_bfloat16_is_fast(CTDevice device) {
  if (device.cuda >= 0) return at::hasCUDA();
  auto found = at::cpu::get_cpu_capabilities();
  auto has = [&](const char *name) { return found.contains(name) && found.at(name).toBool(); };
  return has("avx512_bf16") || has("amx_bf16") || has("bf16");
}

int ct_cuda_count() { return at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0; }

ptrdiff_t ct_live_handles() { return ct::live_handles.load(std::memory_order_relaxed); }

CTStatus ct_generator_new(uint64_t seed, CTDevice device, CTGenerator **out, char **message) {
  return ct::guarded(message, [&] {
    at::Device place = ct::device(device);
    auto generator = place.is_cpu() ? at::detail::createCPUGenerator(seed)
                                    : at::globalContext().getAcceleratorHooksInterface(place.type()).getNewGenerator(place.index());
    generator.set_current_seed(seed);
    *out = new CTGenerator{generator};
  });
}

void ct_generator_free(CTGenerator *generator) { delete generator; }
