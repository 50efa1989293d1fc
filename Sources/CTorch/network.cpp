// Layers of networks as functions.

#include "shim.hpp"

#include <ATen/Context.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/adaptive_avg_pool3d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/avg_pool3d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/conv_transpose3d.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/instance_norm.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool3d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/upsample_nearest3d.h>
#include <ATen/ops/upsample_trilinear3d.h>

using ct::optional;
using ct::produce;

/// The number of spatial axes of a batch. Throws unless pooling and resizing support it.
static int64_t spatial_axes(const at::Tensor &input) {
  int64_t axes = input.dim() - 2;
  TORCH_CHECK_VALUE(axes == 2 || axes == 3, "expected a batch with 2 or 3 spatial axes, not the shape ", input.sizes());
  return axes;
}

CTStatus ct_convolution(const CTTensor *input, const CTTensor *weight, const CTTensor *bias, ptrdiff_t stride,
                        ptrdiff_t padding, ptrdiff_t dilation, ptrdiff_t groups, CTTensor **out, char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value, &w = weight->value;
    switch (w.dim()) {
      case 3: return at::conv1d(x, w, optional(bias), stride, padding, dilation, groups);
      case 4: return at::conv2d(x, w, optional(bias), stride, padding, dilation, groups);
      default: return at::conv3d(x, w, optional(bias), stride, padding, dilation, groups);
    }
  });
}

CTStatus ct_transposed_convolution(const CTTensor *input, const CTTensor *weight, const CTTensor *bias, ptrdiff_t stride,
                                   ptrdiff_t padding, ptrdiff_t output_padding, ptrdiff_t groups, ptrdiff_t dilation,
                                   CTTensor **out, char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value, &w = weight->value;
    switch (w.dim()) {
      case 3: return at::conv_transpose1d(x, w, optional(bias), stride, padding, output_padding, groups, dilation);
      case 4: return at::conv_transpose2d(x, w, optional(bias), stride, padding, output_padding, groups, dilation);
      default: return at::conv_transpose3d(x, w, optional(bias), stride, padding, output_padding, groups, dilation);
    }
  });
}

CTStatus ct_linear(const CTTensor *input, const CTTensor *weight, const CTTensor *bias, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::linear(input->value, weight->value, optional(bias)); });
}

CTStatus ct_batch_norm(const CTTensor *input, const CTTensor *weight, const CTTensor *bias, const CTTensor *mean,
                       const CTTensor *variance, bool training, double momentum, double epsilon, CTTensor **out,
                       char **message) {
  return produce(out, message, [&] {
    return at::batch_norm(input->value, optional(weight), optional(bias), optional(mean), optional(variance), training,
                          momentum, epsilon, at::globalContext().userEnabledCuDNN());
  });
}

CTStatus ct_group_norm(const CTTensor *input, ptrdiff_t groups, const CTTensor *weight, const CTTensor *bias,
                       double epsilon, CTTensor **out, char **message) {
  return produce(out, message, [&] {
    return at::group_norm(input->value, groups, optional(weight), optional(bias), epsilon,
                          at::globalContext().userEnabledCuDNN());
  });
}

CTStatus ct_instance_norm(const CTTensor *input, const CTTensor *weight, const CTTensor *bias, double epsilon,
                          CTTensor **out, char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value;
    bool cudnn = at::globalContext().userEnabledCuDNN();
    if (!x.is_cpu() || x.is_contiguous() || x.dim() < 4)
      return at::instance_norm(x, optional(weight), optional(bias), {}, {}, /*use_input_stats=*/true, /*momentum=*/0,
                               epsilon, cudnn);
    // libtorch would copy a channels-last batch to channels-first and back. Batch normalisation of a single
    // example is the same computation, and its kernel reads channels-last.
    std::vector<at::Tensor> examples = x.split(1);
    for (at::Tensor &example : examples)
      example = at::batch_norm(example, optional(weight), optional(bias), {}, {}, /*training=*/true, /*momentum=*/0,
                               epsilon, cudnn);
    return at::cat(examples);
  });
}

CTStatus ct_relu(const CTTensor *input, CTTensor **out, char **message) {
  return produce(out, message, [&] { return input->value.relu(); });
}

CTStatus ct_leaky_relu(const CTTensor *input, double slope, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::leaky_relu(input->value, slope); });
}

CTStatus ct_gelu(const CTTensor *input, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::gelu(input->value); });
}

CTStatus ct_tanh(const CTTensor *input, CTTensor **out, char **message) {
  return produce(out, message, [&] { return input->value.tanh(); });
}

CTStatus ct_sigmoid(const CTTensor *input, CTTensor **out, char **message) {
  return produce(out, message, [&] { return input->value.sigmoid(); });
}

CTStatus ct_log_sigmoid(const CTTensor *input, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::log_sigmoid(input->value); });
}

CTStatus ct_softmax(const CTTensor *input, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return input->value.softmax(axis); });
}

CTStatus ct_log_softmax(const CTTensor *input, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return input->value.log_softmax(axis); });
}

CTStatus ct_max_pool(const CTTensor *input, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t padding, CTTensor **out,
                     char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value;
    return spatial_axes(x) == 2 ? at::max_pool2d(x, kernel, stride, padding) : at::max_pool3d(x, kernel, stride, padding);
  });
}

CTStatus ct_average_pool(const CTTensor *input, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t padding, CTTensor **out,
                         char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value;
    return spatial_axes(x) == 2 ? at::avg_pool2d(x, kernel, stride, padding) : at::avg_pool3d(x, kernel, stride, padding);
  });
}

CTStatus ct_adaptive_average_pool(const CTTensor *input, ptrdiff_t size, CTTensor **out, char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value;
    return spatial_axes(x) == 2 ? at::adaptive_avg_pool2d(x, {size, size})
                                : at::adaptive_avg_pool3d(x, {size, size, size});
  });
}

CTStatus ct_dropout(const CTTensor *input, double probability, CTGenerator *generator, CTTensor **out, char **message) {
  return produce(out, message, [&] {
    // Draw the mask as PyTorch's own dropout does, but from the given generator.
    double keep = 1 - probability;
    at::Tensor mask = at::empty_like(input->value).bernoulli_(keep, generator->value);
    return input->value.mul(keep == 0 ? mask : mask.div_(keep));
  });
}

CTStatus ct_resize(const CTTensor *input, const ptrdiff_t *size, size_t size_count, bool linear, CTTensor **out,
                   char **message) {
  return produce(out, message, [&] {
    const at::Tensor &x = input->value;
    at::IntArrayRef to = ct::sizes(size, size_count);
    if (spatial_axes(x) == 2)
      return linear ? at::upsample_bilinear2d(x, to, /*align_corners=*/false) : at::upsample_nearest2d(x, to);
    return linear ? at::upsample_trilinear3d(x, to, /*align_corners=*/false) : at::upsample_nearest3d(x, to);
  });
}

CTStatus ct_cross_entropy(const CTTensor *logits, const CTTensor *target, const CTTensor *weight, CTTensor **out,
                          char **message) {
  return produce(out, message, [&] { return at::cross_entropy_loss(logits->value, target->value, optional(weight)); });
}

CTStatus ct_binary_cross_entropy(const CTTensor *logits, const CTTensor *target, const CTTensor *positive_weight,
                                 bool mean, CTTensor **out, char **message) {
  return produce(out, message, [&] {
    return at::binary_cross_entropy_with_logits(logits->value, target->value, {}, optional(positive_weight),
                                                mean ? at::Reduction::Mean : at::Reduction::None);
  });
}
