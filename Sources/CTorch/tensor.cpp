// Creation, reading, conversion and moving of tensors.

#include "shim.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_to_copy.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>

#include <cstring>

CTStatus ct_from_memory(const void *memory, CTDType dtype, const ptrdiff_t *shape, size_t shape_count, CTTensor **out,
                        char **message) {
  return ct::produce(out, message, [&] {
    at::Tensor result = at::empty(ct::sizes(shape, shape_count), at::TensorOptions(ct::scalar_type(dtype)));
    if (result.nbytes() > 0) std::memcpy(result.mutable_data_ptr(), memory, result.nbytes());
    return result;
  });
}

CTStatus ct_full(const ptrdiff_t *shape, size_t shape_count, double value, CTDType dtype, CTDevice device, CTTensor **out,
                 char **message) {
  return ct::produce(out, message, [&] {
    auto options = at::TensorOptions(ct::scalar_type(dtype)).device(ct::device(device));
    return at::full(ct::sizes(shape, shape_count), value, options);
  });
}

CTStatus ct_uniform(const ptrdiff_t *shape, size_t shape_count, double low, double high, CTGenerator *generator,
                    CTTensor **out, char **message) {
  return ct::produce(out, message, [&] {
    auto options = at::TensorOptions(at::kFloat).device(generator->value.device());
    return at::empty(ct::sizes(shape, shape_count), options).uniform_(low, high, generator->value);
  });
}

CTStatus ct_normal(const ptrdiff_t *shape, size_t shape_count, double mean, double deviation, CTGenerator *generator,
                   CTTensor **out, char **message) {
  return ct::produce(out, message, [&] {
    auto options = at::TensorOptions(at::kFloat).device(generator->value.device());
    return at::empty(ct::sizes(shape, shape_count), options).normal_(mean, deviation, generator->value);
  });
}

void ct_tensor_free(CTTensor *tensor) { delete tensor; }

size_t ct_rank(const CTTensor *tensor) { return static_cast<size_t>(tensor->value.dim()); }
ptrdiff_t ct_size(const CTTensor *tensor, size_t axis) { return tensor->value.sizes()[axis]; }
ptrdiff_t ct_count(const CTTensor *tensor) { return tensor->value.numel(); }

CTDevice ct_device(const CTTensor *tensor) {
  at::Device device = tensor->value.device();
  return CTDevice{device.is_cpu() ? -1 : device.index()};
}

bool ct_dtype(const CTTensor *tensor, CTDType *out) {
  switch (tensor->value.scalar_type()) {
    case at::kFloat: *out = CTDTypeFloat32; return true;
    case at::kDouble: *out = CTDTypeFloat64; return true;
    case at::kBFloat16: *out = CTDTypeBFloat16; return true;
    case at::kHalf: *out = CTDTypeFloat16; return true;
    case at::kLong: *out = CTDTypeInt64; return true;
    case at::kInt: *out = CTDTypeInt32; return true;
    case at::kByte: *out = CTDTypeUInt8; return true;
    case at::kBool: *out = CTDTypeBool; return true;
    default: return false;
  }
}

bool ct_is_contiguous(const CTTensor *tensor, CTMemoryFormat format) {
  return tensor->value.is_contiguous(ct::memory_format(format));
}

CTStatus ct_copy_out(const CTTensor *tensor, CTDType dtype, void *memory, size_t count, char **message) {
  return ct::guarded(message, [&] {
    const at::Tensor &source = tensor->value;
    TORCH_CHECK_VALUE(static_cast<size_t>(source.numel()) == count, "the tensor has ", source.numel(),
                      " values, the memory has room for ", count);
    if (count == 0) return;
    at::NoGradGuard no_grad;
    at::from_blob(memory, source.sizes(), at::TensorOptions(ct::scalar_type(dtype))).copy_(source);
  });
}

CTStatus ct_item(const CTTensor *tensor, double *out, char **message) {
  return ct::guarded(message, [&] { *out = tensor->value.item().toDouble(); });
}

CTMemoryFormat ct_suggested_format(const CTTensor *tensor) {
  switch (tensor->value.suggest_memory_format()) {
    case at::MemoryFormat::ChannelsLast: return CTMemoryFormatChannelsLast;
    case at::MemoryFormat::ChannelsLast3d: return CTMemoryFormatChannelsLast3d;
    default: return CTMemoryFormatContiguous;
  }
}

CTStatus ct_to_dtype(const CTTensor *tensor, CTDType dtype, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] { return tensor->value.to(ct::scalar_type(dtype)); });
}

CTStatus ct_to_device(const CTTensor *tensor, CTDevice device, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] { return tensor->value.to(ct::device(device)); });
}

CTStatus ct_to_format(const CTTensor *tensor, CTMemoryFormat format, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] {
    const at::Tensor &value = tensor->value;
    if (format == CTMemoryFormatContiguous) return value.contiguous();
    // Single-channel images have the same layout in both formats. Unlike contiguous(), this also marks them
    // as channels-last; without the mark, the whole network after them would run channels-first.
    return value.to(value.options(), /*non_blocking=*/false, /*copy=*/false, ct::memory_format(format));
  });
}

CTStatus ct_clone(const CTTensor *tensor, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] { return tensor->value.clone(); });
}

CTStatus ct_copy_from(CTTensor *tensor, const CTTensor *source, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    tensor->value.copy_(source->value);
  });
}

CTStatus ct_set_data(CTTensor *tensor, const CTTensor *source, char **message) {
  return ct::guarded(message, [&] { tensor->value.set_data(source->value.detach()); });
}
