import CTorch

extension Tensor {
  /// True where the graph reaches from here to a parameter.
  public var requiresGrad: Bool { ct_requires_grad(handle) }

  /// Marks a leaf of the graph as a parameter.
  public func setRequiresGrad(_ value: Bool = true) throws(TorchError) {
    try check { ct_set_requires_grad(handle, value, $0) }
  }

  /// The gradient that the last ``backward(_:)`` left here; nil where there is none.
  public var grad: Tensor? {
    get throws(TorchError) {
      var gradient: OpaquePointer?
      try check { ct_grad(handle, &gradient, $0) }
      return gradient.map { Tensor(adopting: $0) }
    }
  }

  /// Forgets the gradient.
  public func zeroGrad() { ct_zero_grad(handle) }

  /// The same values, cut off from the graph.
  public func detach() throws(TorchError) -> Tensor { try Self.make { ct_detach(handle, $0, $1) } }

  /// Adds the gradients of this tensor to all parameters that it was computed from.
  ///
  /// - Parameter gradient: the gradient of what follows with respect to this tensor; nil where it is a scalar.
  public func backward(_ gradient: Tensor? = nil) throws(TorchError) {
    try check { ct_backward(handle, gradient?.handle, $0) }
  }
}

/// Runs `body` without recording a graph, on this thread.
public func noGrad<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  let before = ct_set_grad_enabled(false)
  defer { _ = ct_set_grad_enabled(before) }
  return try body()
}

/// Runs `body` with matrix products and convolutions in `dtype`, on this thread; parameters stay as they are.
///
/// Like PyTorch's `autocast`: the cast copies of the weights are kept until the outermost scope ends. Take losses outside.
/// - Parameter dtype: `.bfloat16` or, on a GPU, `.float16`; `.float32` turns casting off.
public func autocast<Result, Failure: Error>(
  to dtype: DType, on device: Device = .cpu, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  var wasEnabled = false
  var previous = CTDType.bFloat16
  ct_autocast_begin(device.shim, dtype.shim, &wasEnabled, &previous)
  defer { ct_autocast_end(device.shim, wasEnabled, previous) }
  return try body()
}
