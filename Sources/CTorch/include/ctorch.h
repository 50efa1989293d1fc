#pragma once

// A plain C interface to libtorch for Swift.
//
// Every call that can fail returns a status and, if it is not CTStatusOk, a message that the caller frees
// with free(). No C++ exception leaves this header. Results are owned handles, freed with ct_tensor_free.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
_Pragma("clang assume_nonnull begin")
#define CT_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#else
#error "build CTorch with clang, as Swift does"
#endif

typedef struct CTTensor CTTensor;
typedef struct CTGenerator CTGenerator;
/// A fixed list of tensors, such as the parameters of a model, with operations on the whole list in one call.
typedef struct CTTensorList CTTensorList;

typedef enum CT_CLOSED_ENUM CTStatus {
  CTStatusOk = 0,
  CTStatusInvalidArgument = 1,
  CTStatusOutOfMemory = 2,
  CTStatusUnavailable = 3,
  CTStatusOther = 4,
} CTStatus;

typedef enum CT_CLOSED_ENUM CTDType {
  CTDTypeFloat32 = 0,
  CTDTypeFloat64 = 1,
  CTDTypeBFloat16 = 2,
  CTDTypeFloat16 = 3,
  CTDTypeInt64 = 4,
  CTDTypeInt32 = 5,
  CTDTypeUInt8 = 6,
  CTDTypeBool = 7,
} CTDType;

typedef enum CT_CLOSED_ENUM CTMemoryFormat {
  CTMemoryFormatContiguous = 0,
  CTMemoryFormatChannelsLast = 1,
  CTMemoryFormatChannelsLast3d = 2,
} CTMemoryFormat;

/// The place of a tensor: cuda < 0 is the CPU, any other value the index of a GPU.
typedef struct CTDevice {
  int cuda;
} CTDevice;

#define CT_MESSAGE char *_Nullable *_Nonnull message
#define CT_RESULT CTTensor *_Nullable *_Nonnull out, CT_MESSAGE
#define CT_LIST_RESULT CTTensorList *_Nullable *_Nonnull out, CT_MESSAGE
#define CT_SIZES(name) const ptrdiff_t *_Nullable name, size_t name##_count

// MARK: Engine

const char *ct_version(void);
/// The caller frees this text and the texts of the next two functions.
char *ct_cpu_capability(void);
char *ct_onednn_version(void);
char *ct_mkl_version(void);
/// Sets the number of threads of each kernel, whichever thread calls it. Call it before the first tensor is
/// created.
CTStatus ct_set_thread_count(int count, CT_MESSAGE);
int ct_thread_count(void);
void ct_set_deterministic(bool on);
/// Keeps freed memory in the process instead of returning each large tensor to the system.
void ct_keep_freed_memory(void);
bool ct_bfloat16_is_fast(CTDevice device);
int ct_cuda_count(void);
/// The number of tensor and list handles that exist.
ptrdiff_t ct_live_handles(void);

// MARK: Generators

CTStatus ct_generator_new(uint64_t seed, CTDevice device, CTGenerator *_Nullable *_Nonnull out, CT_MESSAGE);
void ct_generator_free(CTGenerator *generator);

// MARK: Tensors

/// Copies contiguous values of `dtype` at `memory`.
CTStatus ct_from_memory(const void *_Nullable memory, CTDType dtype, CT_SIZES(shape), CT_RESULT);
CTStatus ct_full(CT_SIZES(shape), double value, CTDType dtype, CTDevice device, CT_RESULT);
CTStatus ct_uniform(CT_SIZES(shape), double low, double high, CTGenerator *generator, CT_RESULT);
CTStatus ct_normal(CT_SIZES(shape), double mean, double deviation, CTGenerator *generator, CT_RESULT);
void ct_tensor_free(CTTensor *tensor);

size_t ct_rank(const CTTensor *tensor);
ptrdiff_t ct_size(const CTTensor *tensor, size_t axis);
ptrdiff_t ct_count(const CTTensor *tensor);
CTDevice ct_device(const CTTensor *tensor);
/// Returns false if the type is not in CTDType; no call of this header creates such a tensor.
bool ct_dtype(const CTTensor *tensor, CTDType *out);
bool ct_is_contiguous(const CTTensor *tensor, CTMemoryFormat format);
/// Copies all values, in row-major order, to CPU memory of `dtype` with room for `count` values.
CTStatus ct_copy_out(const CTTensor *tensor, CTDType dtype, void *_Nullable memory, size_t count, CT_MESSAGE);
CTStatus ct_item(const CTTensor *tensor, double *out, CT_MESSAGE);
/// The memory format to which the strides of the tensor point. Unlike with ct_is_contiguous, exactly one applies.
CTMemoryFormat ct_suggested_format(const CTTensor *tensor);

CTStatus ct_to_dtype(const CTTensor *tensor, CTDType dtype, CT_RESULT);
CTStatus ct_to_device(const CTTensor *tensor, CTDevice device, CT_RESULT);
CTStatus ct_to_format(const CTTensor *tensor, CTMemoryFormat format, CT_RESULT);
CTStatus ct_clone(const CTTensor *tensor, CT_RESULT);
/// Overwrites the values of `tensor`, outside the graph.
CTStatus ct_copy_from(CTTensor *tensor, const CTTensor *source, CT_MESSAGE);
/// Replaces the contents of `tensor` by the data of `source`, for example when a module moves to a device.
CTStatus ct_set_data(CTTensor *tensor, const CTTensor *source, CT_MESSAGE);

// MARK: Autograd

bool ct_set_grad_enabled(bool enabled);
CTStatus ct_set_requires_grad(CTTensor *tensor, bool value, CT_MESSAGE);
bool ct_requires_grad(const CTTensor *tensor);
/// `out` stays null if there is no gradient.
CTStatus ct_grad(const CTTensor *tensor, CT_RESULT);
void ct_zero_grad(CTTensor *tensor);
CTStatus ct_detach(const CTTensor *tensor, CT_RESULT);
/// `gradient` may be null if `tensor` is a scalar.
CTStatus ct_backward(const CTTensor *tensor, const CTTensor *_Nullable gradient, CT_MESSAGE);
void ct_autocast_begin(CTDevice device, CTDType dtype, bool *was_enabled, CTDType *previous);
/// Leaves the scope and, if it is the outermost one, discards the converted copies of the weights.
void ct_autocast_end(CTDevice device, bool was_enabled, CTDType previous);

/// One side of a remote step. Takes ownership of `argument` and returns an owned result, or null if it failed.
typedef CTTensor *_Nullable (*CTRemoteCall)(void *context, CTTensor *argument);
typedef void (*CTRemoteRelease)(void *context);
/// A step that `forward` computes outside the graph. In a backward pass, `backward` receives the gradient of the
/// result and returns the gradient of the input. `release` is called once, when no graph needs `context` any more.
CTStatus ct_remote(const CTTensor *input, CTRemoteCall forward, CTRemoteCall backward, void *context,
                   CTRemoteRelease release, CT_RESULT);

// MARK: Arithmetic

CTStatus ct_add(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_subtract(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_multiply(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_divide(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_add_scalar(const CTTensor *a, double b, CT_RESULT);
CTStatus ct_multiply_scalar(const CTTensor *a, double b, CT_RESULT);
CTStatus ct_divide_scalar(const CTTensor *a, double b, CT_RESULT);
/// scalar - tensor
CTStatus ct_subtract_from_scalar(double a, const CTTensor *b, CT_RESULT);
CTStatus ct_negate(const CTTensor *a, CT_RESULT);
CTStatus ct_exp(const CTTensor *a, CT_RESULT);
CTStatus ct_log(const CTTensor *a, CT_RESULT);
CTStatus ct_sqrt(const CTTensor *a, CT_RESULT);
CTStatus ct_abs(const CTTensor *a, CT_RESULT);
CTStatus ct_power(const CTTensor *a, double exponent, CT_RESULT);
CTStatus ct_clamp(const CTTensor *a, double low, double high, CT_RESULT);
CTStatus ct_maximum(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_minimum(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_equal(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_greater_scalar(const CTTensor *a, double b, CT_RESULT);
CTStatus ct_equal_scalar(const CTTensor *a, double b, CT_RESULT);
CTStatus ct_where(const CTTensor *condition, const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_matmul(const CTTensor *a, const CTTensor *b, CT_RESULT);
CTStatus ct_sum(const CTTensor *a, CT_SIZES(axes), bool keep, CT_RESULT);
CTStatus ct_mean(const CTTensor *a, CT_SIZES(axes), bool keep, CT_RESULT);
CTStatus ct_max(const CTTensor *a, CT_SIZES(axes), bool keep, CT_RESULT);
CTStatus ct_min(const CTTensor *a, CT_SIZES(axes), bool keep, CT_RESULT);
CTStatus ct_argmax(const CTTensor *a, ptrdiff_t axis, bool keep, CT_RESULT);
CTStatus ct_cumulative_sum(const CTTensor *a, ptrdiff_t axis, CT_RESULT);
CTStatus ct_norm(const CTTensor *a, CT_RESULT);
CTStatus ct_is_finite(const CTTensor *a, bool *out, CT_MESSAGE);

// MARK: Shape and indexing

CTStatus ct_reshape(const CTTensor *a, CT_SIZES(shape), CT_RESULT);
CTStatus ct_flatten(const CTTensor *a, ptrdiff_t from, ptrdiff_t to, CT_RESULT);
CTStatus ct_permute(const CTTensor *a, CT_SIZES(axes), CT_RESULT);
CTStatus ct_transpose(const CTTensor *a, ptrdiff_t first, ptrdiff_t second, CT_RESULT);
CTStatus ct_unsqueeze(const CTTensor *a, ptrdiff_t axis, CT_RESULT);
CTStatus ct_squeeze(const CTTensor *a, ptrdiff_t axis, CT_RESULT);
CTStatus ct_expand(const CTTensor *a, CT_SIZES(shape), CT_RESULT);
CTStatus ct_narrow(const CTTensor *a, ptrdiff_t axis, ptrdiff_t start, ptrdiff_t length, CT_RESULT);
CTStatus ct_cat(const CTTensor *_Nonnull const *_Nonnull tensors, size_t count, ptrdiff_t axis, CT_RESULT);
CTStatus ct_stack(const CTTensor *_Nonnull const *_Nonnull tensors, size_t count, ptrdiff_t axis, CT_RESULT);
CTStatus ct_index_select(const CTTensor *a, ptrdiff_t axis, const CTTensor *index, CT_RESULT);
CTStatus ct_index_add(const CTTensor *a, ptrdiff_t axis, const CTTensor *index, const CTTensor *source, CT_RESULT);
CTStatus ct_gather(const CTTensor *a, ptrdiff_t axis, const CTTensor *index, CT_RESULT);
CTStatus ct_masked_select(const CTTensor *a, const CTTensor *mask, CT_RESULT);
CTStatus ct_flip(const CTTensor *a, CT_SIZES(axes), CT_RESULT);
/// Pads the last `widths_count / 2` axes, the last one first: before, after, before, after, ...
CTStatus ct_pad(const CTTensor *a, CT_SIZES(widths), double value, CT_RESULT);
/// Converts class indices [n, ...] to float32 [n, classes, ...], with 1 at the class and 0 elsewhere.
CTStatus ct_one_hot(const CTTensor *a, ptrdiff_t classes, CT_RESULT);

// MARK: Networks

/// Convolution over 1, 2 or 3 spatial axes: all axes of the weight except its first two.
CTStatus ct_convolution(const CTTensor *input, const CTTensor *weight, const CTTensor *_Nullable bias, ptrdiff_t stride,
                        ptrdiff_t padding, ptrdiff_t dilation, ptrdiff_t groups, CT_RESULT);
CTStatus ct_transposed_convolution(const CTTensor *input, const CTTensor *weight, const CTTensor *_Nullable bias,
                                   ptrdiff_t stride, ptrdiff_t padding, ptrdiff_t output_padding, ptrdiff_t groups,
                                   ptrdiff_t dilation, CT_RESULT);
CTStatus ct_linear(const CTTensor *input, const CTTensor *weight, const CTTensor *_Nullable bias, CT_RESULT);
CTStatus ct_batch_norm(const CTTensor *input, const CTTensor *_Nullable weight, const CTTensor *_Nullable bias,
                       const CTTensor *_Nullable mean, const CTTensor *_Nullable variance, bool training,
                       double momentum, double epsilon, CT_RESULT);
CTStatus ct_group_norm(const CTTensor *input, ptrdiff_t groups, const CTTensor *_Nullable weight,
                       const CTTensor *_Nullable bias, double epsilon, CT_RESULT);
CTStatus ct_instance_norm(const CTTensor *input, const CTTensor *_Nullable weight, const CTTensor *_Nullable bias,
                          double epsilon, CT_RESULT);
CTStatus ct_relu(const CTTensor *input, CT_RESULT);
CTStatus ct_leaky_relu(const CTTensor *input, double slope, CT_RESULT);
CTStatus ct_prelu(const CTTensor *input, const CTTensor *weight, CT_RESULT);
CTStatus ct_gelu(const CTTensor *input, CT_RESULT);
CTStatus ct_tanh(const CTTensor *input, CT_RESULT);
CTStatus ct_sigmoid(const CTTensor *input, CT_RESULT);
CTStatus ct_log_sigmoid(const CTTensor *input, CT_RESULT);
CTStatus ct_softmax(const CTTensor *input, ptrdiff_t axis, CT_RESULT);
CTStatus ct_log_softmax(const CTTensor *input, ptrdiff_t axis, CT_RESULT);
/// Pooling over the 2 or 3 spatial axes of a batch.
CTStatus ct_max_pool(const CTTensor *input, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t padding, CT_RESULT);
CTStatus ct_average_pool(const CTTensor *input, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t padding, CT_RESULT);
CTStatus ct_adaptive_average_pool(const CTTensor *input, ptrdiff_t size, CT_RESULT);
CTStatus ct_dropout(const CTTensor *input, double probability, CTGenerator *generator, CT_RESULT);
/// Resizes the 2 or 3 spatial axes of a batch: bilinear or trilinear with half-pixel centres, or nearest.
CTStatus ct_resize(const CTTensor *input, CT_SIZES(size), bool linear, CT_RESULT);
CTStatus ct_cross_entropy(const CTTensor *logits, const CTTensor *target, const CTTensor *_Nullable weight, CT_RESULT);
CTStatus ct_binary_cross_entropy(const CTTensor *logits, const CTTensor *target, const CTTensor *_Nullable positive_weight,
                                 bool mean, CT_RESULT);

// MARK: Lists

CTStatus ct_list_new(const CTTensor *_Nonnull const *_Nonnull tensors, size_t count, CT_LIST_RESULT);
/// Zeros of the same shapes, layouts and device as `list`.
CTStatus ct_list_zeros_like(const CTTensorList *list, CT_LIST_RESULT);
/// One zero on the device of each tensor of `list`.
CTStatus ct_list_counters(const CTTensorList *list, CT_LIST_RESULT);
void ct_list_free(CTTensorList *list);
size_t ct_list_count(const CTTensorList *list);
/// The number of scalars of all tensors.
ptrdiff_t ct_list_scalar_count(const CTTensorList *list);
/// Overwrites all tensors from contiguous float32 values, one tensor after another in row-major order.
CTStatus ct_list_load(const CTTensorList *list, const float *_Nullable values, size_t count, CT_MESSAGE);
CTStatus ct_list_export(const CTTensorList *list, float *_Nullable values, size_t count, CT_MESSAGE);
void ct_list_zero_grad(const CTTensorList *list);
/// gradient += scale * other, for each tensor of `list` that has a gradient.
CTStatus ct_list_add_to_grad(const CTTensorList *list, const CTTensorList *other, double scale, CT_MESSAGE);
/// gradient += scale * (tensor - anchor), for each tensor of `list` that has a gradient.
CTStatus ct_list_add_difference_to_grad(const CTTensorList *list, const CTTensorList *anchor, double scale, CT_MESSAGE);
/// Scales all gradients so that their joint L2 norm is at most `limit`. Writes the norm before scaling to
/// `norm`.
CTStatus ct_list_clip_grad(const CTTensorList *list, double limit, double *norm, CT_MESSAGE);
/// The L2 norm of each gradient; negative for a tensor without a gradient. `norms` has room for all tensors.
CTStatus ct_list_grad_norms(const CTTensorList *list, float *norms, CT_MESSAGE);
/// The joint L2 norm of gradients with these norms; negative ones are left out. It is computed on `device`, with the
/// same bits as in ct_list_clip_grad.
CTStatus ct_joint_norm(const float *norms, size_t count, CTDevice device, double *norm, CT_MESSAGE);
/// Multiplies all gradients by `scale`.
CTStatus ct_list_scale_grad(const CTTensorList *list, double scale, CT_MESSAGE);

// MARK: Optimizers (libtorch's fused kernels)

CTStatus ct_sgd_step(const CTTensorList *list, const CTTensorList *_Nullable momenta, double rate, double momentum,
                     double weight_decay, bool nesterov, CT_MESSAGE);
/// `decoupled` selects AdamW. `steps` are the counters of ct_list_counters.
CTStatus ct_adam_step(const CTTensorList *list, const CTTensorList *means, const CTTensorList *squares,
                      const CTTensorList *steps, double rate, double beta1, double beta2, double epsilon,
                      double weight_decay, bool decoupled, CT_MESSAGE);

_Pragma("clang assume_nonnull end")

#ifdef __cplusplus
}
#endif
