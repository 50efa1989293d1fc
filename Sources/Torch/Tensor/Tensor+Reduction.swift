import CTorch

// Reductions over the given axes, or over all axes if none are given. Negative axes count from the last.

extension Tensor {
  public func sum(_ axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try Self.make { ct_sum(handle, axes, axes.count, keepingAxes, $0, $1) }
  }

  public func mean(_ axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try Self.make { ct_mean(handle, axes, axes.count, keepingAxes, $0, $1) }
  }

  public func max(_ axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try Self.make { ct_max(handle, axes, axes.count, keepingAxes, $0, $1) }
  }

  public func min(_ axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try Self.make { ct_min(handle, axes, axes.count, keepingAxes, $0, $1) }
  }

  /// The index of the largest value along an axis, as int64.
  public func argmax(_ axis: Int, keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try Self.make { ct_argmax(handle, axis, keepingAxes, $0, $1) }
  }

  /// Cumulative sums along an axis.
  public func cumulativeSum(_ axis: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_cumulative_sum(handle, axis, $0, $1) }
  }

  /// The L2 norm of all values.
  public func norm() throws(TorchError) -> Tensor { try Self.make { ct_norm(handle, $0, $1) } }

  /// Whether all values are finite.
  public func isFinite() throws(TorchError) -> Bool {
    var result = false
    try check { ct_is_finite(handle, &result, $0) }
    return result
  }
}
