// Element-wise arithmetic and reductions.

#include "shim.hpp"

#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/where.h>

using ct::produce;
using ct::sizes;

CTStatus ct_add(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.add(b->value); });
}

CTStatus ct_subtract(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.sub(b->value); });
}

CTStatus ct_multiply(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.mul(b->value); });
}

CTStatus ct_divide(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.div(b->value); });
}

CTStatus ct_add_scalar(const CTTensor *a, double b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.add(b); });
}

CTStatus ct_multiply_scalar(const CTTensor *a, double b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.mul(b); });
}

CTStatus ct_divide_scalar(const CTTensor *a, double b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.div(b); });
}

CTStatus ct_subtract_from_scalar(double a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::rsub(b->value, a); });
}

CTStatus ct_negate(const CTTensor *a, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.neg(); });
}

CTStatus ct_exp(const CTTensor *a, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.exp(); });
}

CTStatus ct_log(const CTTensor *a, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.log(); });
}

CTStatus ct_sqrt(const CTTensor *a, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.sqrt(); });
}

CTStatus ct_abs(const CTTensor *a, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.abs(); });
}

CTStatus ct_power(const CTTensor *a, double exponent, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.pow(exponent); });
}

CTStatus ct_clamp(const CTTensor *a, double low, double high, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.clamp(low, high); });
}

CTStatus ct_maximum(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::maximum(a->value, b->value); });
}

CTStatus ct_minimum(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::minimum(a->value, b->value); });
}

CTStatus ct_equal(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.eq(b->value); });
}

CTStatus ct_equal_scalar(const CTTensor *a, double b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.eq(b); });
}

CTStatus ct_greater_scalar(const CTTensor *a, double b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.gt(b); });
}

CTStatus ct_where(const CTTensor *condition, const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::where(condition->value, a->value, b->value); });
}

CTStatus ct_matmul(const CTTensor *a, const CTTensor *b, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.matmul(b->value); });
}

CTStatus ct_sum(const CTTensor *a, const ptrdiff_t *axes, size_t axes_count, bool keep, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.sum(sizes(axes, axes_count), keep); });
}

CTStatus ct_mean(const CTTensor *a, const ptrdiff_t *axes, size_t axes_count, bool keep, CTTensor **out,
                 char **message) {
  return produce(out, message, [&] { return a->value.mean(sizes(axes, axes_count), keep); });
}

CTStatus ct_max(const CTTensor *a, const ptrdiff_t *axes, size_t axes_count, bool keep, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::amax(a->value, sizes(axes, axes_count), keep); });
}

CTStatus ct_min(const CTTensor *a, const ptrdiff_t *axes, size_t axes_count, bool keep, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::amin(a->value, sizes(axes, axes_count), keep); });
}

CTStatus ct_argmax(const CTTensor *a, ptrdiff_t axis, bool keep, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.argmax(axis, keep); });
}

CTStatus ct_cumulative_sum(const CTTensor *a, ptrdiff_t axis, CTTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.cumsum(axis); });
}

CTStatus ct_norm(const CTTensor *a, CTTensor **out, char **message) {
  return produce(out, message, [&] { return at::linalg_vector_norm(a->value); });
}

CTStatus ct_is_finite(const CTTensor *a, bool *out, char **message) {
  return ct::guarded(message, [&] { *out = at::isfinite(a->value).all().item<bool>(); });
}
