import CTorch

// Layers without parameters, as functions. A batch has the shape [examples, channels, spatial axes...].

extension Tensor {
  public func relu() throws(TorchError) -> Tensor { try Self.make { ct_relu(handle, $0, $1) } }

  public func leakyRelu(slope: Double = 0.01) throws(TorchError) -> Tensor {
    try Self.make { ct_leaky_relu(handle, slope, $0, $1) }
  }

  public func gelu() throws(TorchError) -> Tensor { try Self.make { ct_gelu(handle, $0, $1) } }

  public func tanh() throws(TorchError) -> Tensor { try Self.make { ct_tanh(handle, $0, $1) } }

  public func sigmoid() throws(TorchError) -> Tensor { try Self.make { ct_sigmoid(handle, $0, $1) } }

  /// The logarithm of the sigmoid, without overflow.
  public func logSigmoid() throws(TorchError) -> Tensor { try Self.make { ct_log_sigmoid(handle, $0, $1) } }

  public func softmax(_ axis: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_softmax(handle, axis, $0, $1) }
  }

  public func logSoftmax(_ axis: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_log_softmax(handle, axis, $0, $1) }
  }

  /// Max-pools the 2 or 3 spatial axes. A `stride` of `nil` means `kernel`.
  public func maxPool(kernel: Int, stride: Int? = nil, padding: Int = 0) throws(TorchError) -> Tensor {
    try Self.make { ct_max_pool(handle, kernel, stride ?? kernel, padding, $0, $1) }
  }

  /// Average-pools the 2 or 3 spatial axes. A `stride` of `nil` means `kernel`.
  public func averagePool(kernel: Int, stride: Int? = nil, padding: Int = 0) throws(TorchError) -> Tensor {
    try Self.make { ct_average_pool(handle, kernel, stride ?? kernel, padding, $0, $1) }
  }

  /// Divides each of the 2 or 3 spatial axes into `size` parts and averages over the resulting regions.
  public func adaptiveAveragePool(size: Int) throws(TorchError) -> Tensor {
    try Self.make { ct_adaptive_average_pool(handle, size, $0, $1) }
  }

  /// Sets values to zero with this probability. Scales the other values so that the mean stays the same on
  /// average.
  public func dropout(_ probability: Double, generator: Generator) throws(TorchError) -> Tensor {
    try Self.make { ct_dropout(handle, probability, generator.handle, $0, $1) }
  }

  public enum Interpolation: Sendable { case nearest, linear }

  /// Resizes the 2 or 3 spatial axes, with half-pixel centres as `torch.nn.functional.interpolate` does.
  public func resize(to size: [Int], _ interpolation: Interpolation = .linear) throws(TorchError) -> Tensor {
    try Self.make { ct_resize(handle, size, size.count, interpolation == .linear, $0, $1) }
  }
}
