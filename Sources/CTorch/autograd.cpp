// Gradients and automatic mixed precision.

#include "shim.hpp"

#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>

bool ct_set_grad_enabled(bool enabled) {
  bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(enabled);
  return before;
}

CTStatus ct_set_requires_grad(CTTensor *tensor, bool value, char **message) {
  return ct::guarded(message, [&] { tensor->value.set_requires_grad(value); });
}

bool ct_requires_grad(const CTTensor *tensor) { return tensor->value.requires_grad(); }

CTStatus ct_grad(const CTTensor *tensor, CTTensor **out, char **message) {
  return ct::guarded(message, [&] {
    const at::Tensor &gradient = tensor->value.grad();
    if (gradient.defined()) *out = new CTTensor(gradient);
  });
}

void ct_zero_grad(CTTensor *tensor) { tensor->value.mutable_grad().reset(); }

CTStatus ct_detach(const CTTensor *tensor, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] { return tensor->value.detach(); });
}

CTStatus ct_backward(const CTTensor *tensor, const CTTensor *gradient, char **message) {
  return ct::guarded(message, [&] { tensor->value.backward(gradient ? gradient->value : at::Tensor()); });
}

static at::DeviceType autocast_type(CTDevice device) { return device.cuda < 0 ? at::kCPU : at::kCUDA; }

void ct_autocast_begin(CTDevice device, CTDType dtype, bool *was_enabled, CTDType *previous) {
  at::DeviceType type = autocast_type(device);
  *was_enabled = at::autocast::is_autocast_enabled(type);
  *previous = at::autocast::get_autocast_dtype(type) == at::kHalf ? CTDTypeFloat16 : CTDTypeBFloat16;
  at::autocast::set_autocast_enabled(type, dtype != CTDTypeFloat32);
  if (dtype != CTDTypeFloat32) at::autocast::set_autocast_dtype(type, ct::scalar_type(dtype));
  at::autocast::increment_nesting();
}

void ct_autocast_end(CTDevice device, bool was_enabled, CTDType previous) {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(autocast_type(device), was_enabled);
  at::autocast::set_autocast_dtype(autocast_type(device), ct::scalar_type(previous));
}
