// PReLU with one slope on a CPU. About four times as fast as libtorch's implementation, which processes one
// value at a time.

#include "shim.hpp"

#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>
#include <ATen/ops/prelu.h>
#include <torch/csrc/autograd/custom_function.h>

namespace {

struct SharedSlope : torch::autograd::Function<SharedSlope> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input, const at::Tensor &slope) {
    context->save_for_backward({input, slope});
    return at::leaky_relu(input, slope.item());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const at::Tensor &input = saved[0], &slope = saved[1], &gradient = gradients[0];
    at::Tensor to_input = at::leaky_relu_backward(gradient, input, slope.item(), /*self_is_result=*/false);
    at::Tensor to_slope = gradient.mul(input.clamp_max(0)).sum().to(slope.scalar_type()).reshape(slope.sizes());
    return {to_input, to_slope};
  }
};

}  // namespace

CTStatus ct_prelu(const CTTensor *input, const CTTensor *weight, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] {
    const at::Tensor &x = input->value, &slope = weight->value;
    return x.is_cpu() && slope.numel() == 1 ? SharedSlope::apply(x, slope) : at::prelu(x, slope);
  });
}
