/// Replaces each window of the 2 or 3 spatial axes by its largest value.
public struct MaxPool: Module {
  private let kernel: Int
  private let stride: Int
  private let padding: Int

  /// - Parameter stride: the distance between windows; `nil` means `kernel`.
  public init(kernel: Int, stride: Int? = nil, padding: Int = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try input.maxPool(kernel: kernel, stride: stride, padding: padding)
  }
}

/// Replaces each window of the 2 or 3 spatial axes by its mean.
public struct AveragePool: Module {
  private let kernel: Int
  private let stride: Int
  private let padding: Int

  /// - Parameter stride: the distance between windows; `nil` means `kernel`.
  public init(kernel: Int, stride: Int? = nil, padding: Int = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try input.averagePool(kernel: kernel, stride: stride, padding: padding)
  }
}

/// Divides each of the 2 or 3 spatial axes into `size` parts, whatever its length, and averages over the
/// resulting regions.
public struct AdaptiveAveragePool: Module {
  private let size: Int

  public init(size: Int = 1) { self.size = size }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try input.adaptiveAveragePool(size: size)
  }
}

/// Joins all axes except the first.
public struct Flatten: Module {
  public init() {}
  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try input.flatten(from: 1)
  }
}
