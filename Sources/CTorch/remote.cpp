// A step of a network that is computed elsewhere, as one node of the graph.

#include "shim.hpp"

#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/custom_function.h>

namespace {

/// The two calls of a remote step, and the context that they receive. Every graph with such a node keeps it.
struct Remote : torch::CustomClassHolder {
  CTRemoteCall forward, backward;
  void *context;
  CTRemoteRelease release;

  Remote(CTRemoteCall forward, CTRemoteCall backward, void *context, CTRemoteRelease release)
      : forward(forward), backward(backward), context(context), release(release) {}
  ~Remote() override { release(context); }

  /// Calls the other side. Gradients are recorded as if it ran outside this graph's forward and backward pass.
  at::Tensor call(CTRemoteCall body, const at::Tensor &argument) const {
    at::AutoGradMode grad_mode(true);
    CTTensor *result = body(context, new CTTensor(argument.detach()));
    if (result == nullptr) throw std::runtime_error("a remote step of the network failed");
    at::Tensor value = result->value.variable_data();
    delete result;
    return value;
  }
};

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct RemoteFunction : torch::autograd::Function<RemoteFunction> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const c10::intrusive_ptr<Remote> &remote) {
    context->saved_data["remote"] = c10::IValue::make_capsule(remote);
    return remote->call(remote->forward, input);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto capsule = context->saved_data["remote"].toCapsule();
    auto remote = c10::static_intrusive_pointer_cast<Remote>(capsule);
    return {remote->call(remote->backward, gradients[0]), at::Tensor()};
  }
};

}  // namespace

CTStatus ct_remote(const CTTensor *input, CTRemoteCall forward, CTRemoteCall backward, void *context,
                   CTRemoteRelease release, CTTensor **out, char **message) {
  return ct::produce(out, message, [&] {
    auto remote = c10::make_intrusive<Remote>(forward, backward, context, release);
    at::Tensor value = input->value;
    // Without a graph before it, the step would get no gradient, and the other side would not train.
    if (at::GradMode::is_enabled() && !value.requires_grad()) value = value.detach().requires_grad_();
    return RemoteFunction::apply(value, remote);
  });
}
