import CTorch

// Changes of shape, and parts of tensors. Negative axes count from the last.

extension Tensor {
  /// The same values in another shape. One size may be -1, which stands for the size that fits the number of
  /// values.
  public func reshape(_ shape: [Int]) throws(TorchError) -> Tensor {
    try Self.make { ct_reshape(handle, shape, shape.count, $0, $1) }
  }

  /// Joins the axes from `first` to `last` into one.
  public func flatten(from first: Int = 0, to last: Int = -1) throws(TorchError) -> Tensor {
    try Self.make { ct_flatten(handle, first, last, $0, $1) }
  }

  public func permute(_ axes: [Int]) throws(TorchError) -> Tensor {
    try Self.make { ct_permute(handle, axes, axes.count, $0, $1) }
  }

  public func transpose(_ first: Int, _ second: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_transpose(handle, first, second, $0, $1) }
  }

  /// Adds an axis of size 1 before `axis`.
  public func unsqueeze(_ axis: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_unsqueeze(handle, axis, $0, $1) }
  }

  /// Removes an axis of size 1. An axis of any other size stays.
  public func squeeze(_ axis: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_squeeze(handle, axis, $0, $1) }
  }

  /// Repeats axes of size 1 to get the given shape, without copying values.
  public func expand(_ shape: [Int]) throws(TorchError) -> Tensor {
    try Self.make { ct_expand(handle, shape, shape.count, $0, $1) }
  }

  /// The section of an axis given by `range`, without copying.
  public func narrow(_ axis: Int, _ range: Range<Int>) throws(TorchError) -> Tensor {
    try Self.make { ct_narrow(handle, axis, range.lowerBound, range.count, $0, $1) }
  }

  /// Joins tensors along an existing axis.
  public static func cat(_ tensors: [Tensor], axis: Int) throws(TorchError) -> Tensor {
    try withHandles(tensors) { handles, count throws(TorchError) in
      try make { ct_cat(handles, count, axis, $0, $1) }
    }
  }

  /// Joins tensors of one shape along a new axis.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) throws(TorchError) -> Tensor {
    try withHandles(tensors) { handles, count throws(TorchError) in
      try make { ct_stack(handles, count, axis, $0, $1) }
    }
  }

  /// The entries of an axis at these indices (int64).
  public func indexSelect(_ axis: Int, _ index: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_index_select(handle, axis, index.handle, $0, $1) }
  }

  /// A copy with the entries of `source` added at these indices of an axis.
  public func indexAdd(_ axis: Int, _ index: Tensor, _ source: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_index_add(handle, axis, index.handle, source.handle, $0, $1) }
  }

  /// For each entry of `index` (int64), the value at that index of the axis, as in `torch.gather`.
  public func gather(_ axis: Int, _ index: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_gather(handle, axis, index.handle, $0, $1) }
  }

  /// The values where `mask` is true, as a vector.
  public func select(where mask: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_masked_select(handle, mask.handle, $0, $1) }
  }

  /// Reverses axes.
  public func flip(_ axes: [Int]) throws(TorchError) -> Tensor {
    try Self.make { ct_flip(handle, axes, axes.count, $0, $1) }
  }

  /// Pads axes with `value`. `widths` lists two widths per axis, before and after it. It begins with the last
  /// axis and goes backwards.
  public func pad(_ widths: [Int], value: Double = 0) throws(TorchError) -> Tensor {
    try Self.make { ct_pad(handle, widths, widths.count, value, $0, $1) }
  }

  /// Converts class indices [n, ...] (int64) to float32 [n, classes, ...], with 1 at the class and 0
  /// elsewhere.
  ///
  /// - Throws: ``TorchError`` if an index is not below `classes`.
  public func oneHot(classes: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_one_hot(handle, classes, $0, $1) }
  }
}

/// Passes the handles of tensors to a call of the shim.
func withHandles<Result>(
  _ tensors: [Tensor],
  _ body: (UnsafePointer<OpaquePointer>, Int) throws(TorchError) -> Result
) throws(TorchError) -> Result {
  guard !tensors.isEmpty else { throw TorchError(.invalidArgument, "there are no tensors to join") }
  defer { withExtendedLifetime(tensors) {} }
  let handles = tensors.map(\.handle)
  return try handles.withUnsafeBufferPointer { buffer throws(TorchError) in
    try body(buffer.baseAddress!, buffer.count)
  }
}
