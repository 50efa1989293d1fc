// Whole-model operations: flat loading and export, gradients, and libtorch's fused optimizers.

#include "shim.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace {

using Tensors = std::vector<at::Tensor>;

/// The tensors of a list that have a gradient, with the matching tensors of other lists, such as momenta.
struct Trained {
  Tensors parameters, gradients;
  std::vector<Tensors> companions;

  Trained(const CTTensorList *list, std::initializer_list<const CTTensorList *> others) : companions(others.size()) {
    for (const CTTensorList *other : others)
      TORCH_CHECK_VALUE(other->values.size() == list->values.size(), "the lists have ", list->values.size(), " and ",
                        other->values.size(), " tensors");
    parameters.reserve(list->values.size());
    gradients.reserve(list->values.size());
    for (size_t i = 0; i < list->values.size(); ++i) {
      const at::Tensor &gradient = list->values[i].grad();
      if (!gradient.defined()) continue;
      parameters.push_back(list->values[i]);
      gradients.push_back(gradient);
      size_t slot = 0;
      for (const CTTensorList *other : others) companions[slot++].push_back(other->values[i]);
    }
  }
};

/// Visits each tensor with the contiguous memory that holds its values in the flat vector.
template <class Body>
void visit_flat(const CTTensorList *list, float *memory, size_t count, Body &&body) {
  TORCH_CHECK_VALUE(static_cast<size_t>(ct_list_scalar_count(list)) == count, "the tensors hold ",
                    ct_list_scalar_count(list), " values, the flat vector ", count);
  at::NoGradGuard no_grad;
  for (const at::Tensor &tensor : list->values) {
    if (tensor.numel() == 0) continue;
    body(tensor, at::from_blob(memory, tensor.sizes(), at::TensorOptions(at::kFloat)));
    memory += tensor.numel();
  }
}

}  // namespace

CTStatus ct_list_new(const CTTensor *const *tensors, size_t count, CTTensorList **out, char **message) {
  return ct::guarded(message, [&] { *out = new CTTensorList(ct::values(tensors, count)); });
}

CTStatus ct_list_zeros_like(const CTTensorList *list, CTTensorList **out, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Tensors zeros;
    zeros.reserve(list->values.size());
    for (const at::Tensor &tensor : list->values) zeros.push_back(at::zeros_like(tensor));
    *out = new CTTensorList(std::move(zeros));
  });
}

CTStatus ct_list_counters(const CTTensorList *list, CTTensorList **out, char **message) {
  return ct::guarded(message, [&] {
    Tensors zeros;
    zeros.reserve(list->values.size());
    for (const at::Tensor &tensor : list->values)
      zeros.push_back(at::zeros({}, at::TensorOptions(at::kFloat).device(tensor.device())));
    *out = new CTTensorList(std::move(zeros));
  });
}

void ct_list_free(CTTensorList *list) { delete list; }

size_t ct_list_count(const CTTensorList *list) { return list->values.size(); }

ptrdiff_t ct_list_scalar_count(const CTTensorList *list) {
  ptrdiff_t count = 0;
  for (const at::Tensor &tensor : list->values) count += tensor.numel();
  return count;
}

CTStatus ct_list_load(const CTTensorList *list, const float *values, size_t count, char **message) {
  return ct::guarded(message, [&] {
    visit_flat(list, const_cast<float *>(values), count,
               [](const at::Tensor &tensor, const at::Tensor &memory) { tensor.copy_(memory); });
  });
}

CTStatus ct_list_export(const CTTensorList *list, float *values, size_t count, char **message) {
  return ct::guarded(message, [&] {
    visit_flat(list, values, count, [](const at::Tensor &tensor, const at::Tensor &memory) { memory.copy_(tensor); });
  });
}

void ct_list_zero_grad(const CTTensorList *list) {
  for (const at::Tensor &tensor : list->values) tensor.mutable_grad().reset();
}

CTStatus ct_list_add_to_grad(const CTTensorList *list, const CTTensorList *other, double scale, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Trained trained(list, {other});
    if (!trained.gradients.empty()) at::_foreach_add_(trained.gradients, trained.companions[0], scale);
  });
}

CTStatus ct_list_add_difference_to_grad(const CTTensorList *list, const CTTensorList *anchor, double scale,
                                        char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Trained trained(list, {anchor});
    if (trained.gradients.empty()) return;
    at::_foreach_add_(trained.gradients, trained.parameters, scale);
    at::_foreach_add_(trained.gradients, trained.companions[0], -scale);
  });
}

CTStatus ct_list_clip_grad(const CTTensorList *list, double limit, double *norm, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Trained trained(list, {});
    *norm = 0;
    if (trained.gradients.empty()) return;
    *norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(trained.gradients))).item<double>();
    // The same formula as torch.nn.utils.clip_grad_norm_.
    double scale = limit / (*norm + 1e-6);
    if (scale < 1) at::_foreach_mul_(trained.gradients, scale);
  });
}

CTStatus ct_list_grad_norms(const CTTensorList *list, float *norms, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Trained trained(list, {});
    std::fill_n(norms, list->values.size(), -1.0f);
    if (trained.gradients.empty()) return;
    at::Tensor found = at::stack(at::_foreach_norm(trained.gradients)).to(at::kCPU, at::kFloat);
    const float *next = found.const_data_ptr<float>();
    for (size_t i = 0; i < list->values.size(); ++i)
      if (list->values[i].grad().defined()) norms[i] = *next++;
  });
}

CTStatus ct_joint_norm(const float *norms, size_t count, CTDevice device, double *norm, char **message) {
  return ct::guarded(message, [&] {
    std::vector<float> present;
    present.reserve(count);
    // Written so that a norm that is not a number stays, since the joint norm is then none either.
    std::copy_if(norms, norms + count, std::back_inserter(present), [](float value) { return !(value < 0); });
    *norm = 0;
    if (present.empty()) return;
    at::Tensor values = at::from_blob(present.data(), {static_cast<int64_t>(present.size())});
    *norm = at::linalg_vector_norm(values.to(ct::device(device))).item<double>();
  });
}

CTStatus ct_list_scale_grad(const CTTensorList *list, double scale, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Trained trained(list, {});
    if (!trained.gradients.empty()) at::_foreach_mul_(trained.gradients, scale);
  });
}

CTStatus ct_sgd_step(const CTTensorList *list, const CTTensorList *momenta, double rate, double momentum,
                     double weight_decay, bool nesterov, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    auto step = [&](const Trained &trained, const Tensors &buffers) {
      if (trained.parameters.empty()) return;
      // Momenta start at zero and dampening is 0, so the first step needs no special case.
      at::_fused_sgd_(trained.parameters, trained.gradients, buffers, weight_decay, momentum, rate, /*dampening=*/0,
                      nesterov, /*maximize=*/false, /*is_first_step=*/false);
    };
    if (momenta == nullptr) return step(Trained(list, {}), {});
    Trained trained(list, {momenta});
    step(trained, trained.companions[0]);
  });
}

CTStatus ct_adam_step(const CTTensorList *list, const CTTensorList *means, const CTTensorList *squares,
                      const CTTensorList *steps, double rate, double beta1, double beta2, double epsilon,
                      double weight_decay, bool decoupled, char **message) {
  return ct::guarded(message, [&] {
    at::NoGradGuard no_grad;
    Trained trained(list, {means, squares, steps});
    if (trained.parameters.empty()) return;
    const auto &state = trained.companions;
    at::_foreach_add_(state[2], 1);
    auto update = [&](auto kernel) {
      kernel(trained.parameters, trained.gradients, state[0], state[1], Tensors{}, state[2]);
    };
    if (decoupled)
      update([&](auto &&...lists) {
        at::_fused_adamw_(lists..., rate, beta1, beta2, weight_decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
      });
    else
      update([&](auto &&...lists) {
        at::_fused_adam_(lists..., rate, beta1, beta2, weight_decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
      });
  });
}
