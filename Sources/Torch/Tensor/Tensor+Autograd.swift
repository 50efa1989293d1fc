import CTorch

extension Tensor {
  /// Whether gradients are recorded: the tensor is a parameter or was computed from one.
  public var requiresGrad: Bool { ct_requires_grad(handle) }

  /// Makes the tensor a parameter, whose gradients are recorded. The tensor must not be computed from other
  /// tensors.
  public func setRequiresGrad(_ value: Bool = true) throws(TorchError) {
    try check { ct_set_requires_grad(handle, value, $0) }
  }

  /// The gradient that ``backward(_:)`` accumulated in this tensor; `nil` if there is none.
  public var grad: Tensor? {
    get throws(TorchError) {
      var gradient: OpaquePointer?
      try check { ct_grad(handle, &gradient, $0) }
      return gradient.map { Tensor(adopting: $0) }
    }
  }

  /// Clears the gradient.
  public func zeroGrad() { ct_zero_grad(handle) }

  /// The same values, detached from the graph.
  public func detach() throws(TorchError) -> Tensor { try Self.make { ct_detach(handle, $0, $1) } }

  /// Adds the gradients of this tensor to the gradients of all parameters from which it was computed.
  ///
  /// - Parameter gradient: the gradient of the final result with respect to this tensor; `nil` if this tensor
  ///   is a scalar.
  public func backward(_ gradient: Tensor? = nil) throws(TorchError) {
    try check { ct_backward(handle, gradient?.handle, $0) }
  }
}

/// Runs `body` without recording a graph. Only calls on the current thread are affected.
public func noGrad<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  let before = ct_set_grad_enabled(false)
  defer { _ = ct_set_grad_enabled(before) }
  return try body()
}

/// Runs `body` with matrix products and convolutions in `dtype`; parameters keep their type. Only calls on
/// the current thread are affected.
///
/// Like PyTorch's `autocast`, this keeps the converted copies of the weights until the outermost call ends.
/// Compute losses outside `body`.
/// - Parameter dtype: `.bfloat16` or, on a GPU, `.float16`; `.float32` turns conversion off.
public func autocast<Result, Failure: Error>(
  to dtype: DType, on device: Device = .cpu, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  var wasEnabled = false
  var previous = CTDType.bFloat16
  ct_autocast_begin(device.shim, dtype.shim, &wasEnabled, &previous)
  defer { ct_autocast_end(device.shim, wasEnabled, previous) }
  return try body()
}
