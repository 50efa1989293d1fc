import CTorch

// Element-wise operations, with PyTorch's broadcasting and type promotion.

extension Tensor {
  public static func + (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try make { ct_add(a.handle, b.handle, $0, $1) }
  }

  public static func - (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try make { ct_subtract(a.handle, b.handle, $0, $1) }
  }

  public static func * (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try make { ct_multiply(a.handle, b.handle, $0, $1) }
  }

  public static func / (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try make { ct_divide(a.handle, b.handle, $0, $1) }
  }

  public static func + (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try make { ct_add_scalar(a.handle, b, $0, $1) }
  }

  public static func - (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try make { ct_add_scalar(a.handle, -b, $0, $1) }
  }

  public static func - (a: Double, b: Tensor) throws(TorchError) -> Tensor {
    try make { ct_subtract_from_scalar(a, b.handle, $0, $1) }
  }

  public static func * (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try make { ct_multiply_scalar(a.handle, b, $0, $1) }
  }

  public static func * (a: Double, b: Tensor) throws(TorchError) -> Tensor { try b * a }

  public static func / (a: Tensor, b: Double) throws(TorchError) -> Tensor {
    try make { ct_divide_scalar(a.handle, b, $0, $1) }
  }

  public static prefix func - (a: Tensor) throws(TorchError) -> Tensor {
    try make { ct_negate(a.handle, $0, $1) }
  }

  public func exp() throws(TorchError) -> Tensor { try Self.make { ct_exp(handle, $0, $1) } }

  public func log() throws(TorchError) -> Tensor { try Self.make { ct_log(handle, $0, $1) } }

  public func squareRoot() throws(TorchError) -> Tensor { try Self.make { ct_sqrt(handle, $0, $1) } }

  public func abs() throws(TorchError) -> Tensor { try Self.make { ct_abs(handle, $0, $1) } }

  public func power(_ exponent: Double) throws(TorchError) -> Tensor {
    try Self.make { ct_power(handle, exponent, $0, $1) }
  }

  public func clamp(_ range: ClosedRange<Double>) throws(TorchError) -> Tensor {
    try Self.make { ct_clamp(handle, range.lowerBound, range.upperBound, $0, $1) }
  }

  /// The larger of two values, element by element.
  public func maximum(_ other: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_maximum(handle, other.handle, $0, $1) }
  }

  /// The smaller of two values, element by element.
  public func minimum(_ other: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_minimum(handle, other.handle, $0, $1) }
  }

  /// For each element, whether the two values are equal.
  public func equal(_ other: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_equal(handle, other.handle, $0, $1) }
  }

  /// For each element, whether the value equals `other`.
  public func equal(_ other: Double) throws(TorchError) -> Tensor {
    try Self.make { ct_equal_scalar(handle, other, $0, $1) }
  }

  /// For each element, whether the value is greater than `other`.
  public func greater(_ other: Double) throws(TorchError) -> Tensor {
    try Self.make { ct_greater_scalar(handle, other, $0, $1) }
  }

  /// The values of `a` where this mask is true, and the values of `b` elsewhere.
  public func select(_ a: Tensor, else b: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_where(handle, a.handle, b.handle, $0, $1) }
  }

  /// The matrix product over the last two axes.
  public func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
    try Self.make { ct_matmul(handle, other.handle, $0, $1) }
  }
}
