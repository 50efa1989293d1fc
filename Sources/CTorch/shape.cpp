// Changes of shape, and selection from tensors.

#include "shim.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

using ct::produce;
using ct::sizes;

CTStatus ct_reshape(const CTTensor *a, const ptrdiff_t *shape, size_t shape_count, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.reshape(sizes(shape, shape_count)); });
}

CTStatus ct_flatten(const CTTensor *a, ptrdiff_t from, ptrdiff_t to, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.flatten(from, to); });
}

CTStatus ct_permute(const CTTensor *a, const ptrdiff_t *axes, size_t axes_count, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.permute(sizes(axes, axes_count)); });
}

CTStatus ct_transpose(const CTTensor *a, ptrdiff_t first, ptrdiff_t second, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.transpose(first, second); });
}

CTStatus ct_unsqueeze(const CTTensor *a, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.unsqueeze(axis); });
}

CTStatus ct_squeeze(const CTTensor *a, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.squeeze(axis); });
}

CTStatus ct_expand(const CTTensor *a, const ptrdiff_t *shape, size_t shape_count, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.expand(sizes(shape, shape_count)); });
}

CTStatus ct_narrow(const CTTensor *a, ptrdiff_t axis, ptrdiff_t start, ptrdiff_t length, CTTensor **out,
                   char **message) {
  return produce(out, message, [&] { return a->value.narrow(axis, start, length); });
}

CTStatus ct_cat(const CTTensor *const *tensors, size_t count, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::cat(ct::values(tensors, count), axis); });
}

CTStatus ct_stack(const CTTensor *const *tensors, size_t count, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::stack(ct::values(tensors, count), axis); });
}

CTStatus ct_index_select(const CTTensor *a, ptrdiff_t axis, const CTTensor *index, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.index_select(axis, index->value); });
}

CTStatus ct_index_add(const CTTensor *a, ptrdiff_t axis, const CTTensor *index, const CTTensor *source, CTTensor **out,
                      char **message) {
  return produce(out, message, [&] { return a->value.index_add(axis, index->value, source->value); });
}

CTStatus ct_gather(const CTTensor *a, ptrdiff_t axis, const CTTensor *index, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.gather(axis, index->value); });
}

CTStatus ct_masked_select(const CTTensor *a, const CTTensor *mask, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.masked_select(mask->value); });
}

CTStatus ct_flip(const CTTensor *a, const ptrdiff_t *axes, size_t axes_count, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.flip(sizes(axes, axes_count)); });
}

CTStatus ct_pad(const CTTensor *a, const ptrdiff_t *widths, size_t widths_count, double value, CTTensor **out,
                char **message) {
  return produce(out, message, [&] { return at::constant_pad_nd(a->value, sizes(widths, widths_count), value); });
}

CTStatus ct_one_hot(const CTTensor *a, ptrdiff_t classes, CTTensor **out, char **message) {
  return produce(out, message, [&] {
    const at::Tensor &labels = a->value;
    TORCH_CHECK_VALUE(labels.dim() > 0 && classes > 0, "class indices need an axis for examples");
    std::vector<int64_t> shape = labels.sizes().vec();
    shape.insert(shape.begin() + 1, classes);
    return at::zeros(shape, at::TensorOptions(at::kFloat).device(labels.device())).scatter_(1, labels.unsqueeze(1), 1);
  });
}
