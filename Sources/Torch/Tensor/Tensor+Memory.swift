import CTorch

// Transfers between tensors and Swift's memory, and conversions between types, devices and memory formats.

extension Tensor {
  /// A copy of `values` on the CPU.
  ///
  /// - Parameter shape: the shape of the tensor; `nil` for a vector.
  /// - Throws: ``TorchError`` with code `.invalidArgument` if the number of values does not fit `shape`.
  public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil)
    throws(TorchError)
  {
    let handle = try values.withUnsafeBufferPointer { buffer throws(TorchError) in
      try Self.copyHandle(of: buffer, shape: shape ?? [buffer.count])
    }
    self.init(adopting: handle)
  }

  /// A copy on the CPU of contiguous values in memory, such as a mapped file.
  ///
  /// - Throws: ``TorchError`` with code `.invalidArgument` if the number of values does not fit `shape`.
  public convenience init<Element: TensorElement>(
    copying values: UnsafeBufferPointer<Element>, shape: [Int]
  ) throws(TorchError) {
    self.init(adopting: try Self.copyHandle(of: values, shape: shape))
  }

  /// A scalar: a tensor without axes.
  public convenience init(_ value: Double, dtype: DType = .float32, device: Device = .cpu) throws(TorchError)
  {
    try self.init(repeating: value, shape: [], dtype: dtype, device: device)
  }

  public convenience init(
    repeating value: Double, shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) throws(TorchError) {
    self.init(adopting: try adopt { ct_full(shape, shape.count, value, dtype.shim, device.shim, $0, $1) })
  }

  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws(TorchError)
    -> Tensor
  {
    try Tensor(repeating: 0, shape: shape, dtype: dtype, device: device)
  }

  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws(TorchError)
    -> Tensor
  {
    try Tensor(repeating: 1, shape: shape, dtype: dtype, device: device)
  }

  /// Values distributed uniformly in [`low`, `high`), on the generator's device.
  public static func uniform(_ shape: [Int], low: Double = 0, high: Double = 1, generator: Generator)
    throws(TorchError) -> Tensor
  {
    try make { ct_uniform(shape, shape.count, low, high, generator.handle, $0, $1) }
  }

  /// Normally distributed values, on the generator's device.
  public static func normal(
    _ shape: [Int], mean: Double = 0, deviation: Double = 1, generator: Generator
  ) throws(TorchError) -> Tensor {
    try make { ct_normal(shape, shape.count, mean, deviation, generator.handle, $0, $1) }
  }

  private static func copyHandle<Element: TensorElement>(
    of values: UnsafeBufferPointer<Element>, shape: [Int]
  ) throws(TorchError) -> OpaquePointer {
    let count = shape.reduce(1, *)
    guard count == values.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw TorchError(.invalidArgument, "\(values.count) values do not fill the shape \(shape)")
    }
    return try adopt { ct_from_memory(values.baseAddress, Element.dtype.shim, shape, shape.count, $0, $1) }
  }

  /// All values in row-major order, converted to `type` if necessary.
  public func values<Element: TensorElement>(as type: Element.Type = Float.self) throws(TorchError)
    -> [Element]
  {
    let count = self.count
    var failure: TorchError?
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialised in
      do throws(TorchError) {
        try copy(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialised = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// Copies all values to `memory` in row-major order, converted to its element type.
  ///
  /// - Throws: ``TorchError`` with code `.invalidArgument` unless `memory` has room for exactly `count`
  ///   values.
  public func copy<Element: TensorElement>(into memory: UnsafeMutableBufferPointer<Element>)
    throws(TorchError)
  {
    try check { ct_copy_out(handle, Element.dtype.shim, memory.baseAddress, memory.count, $0) }
  }

  /// Copies the bytes of all values to `memory` in row-major order, in the tensor's own type.
  ///
  /// - Throws: ``TorchError`` with code `.invalidArgument` unless `memory` has room for exactly `byteCount`
  ///   bytes.
  public func copyBytes(into memory: UnsafeMutableRawBufferPointer) throws(TorchError) {
    guard memory.count == byteCount else {
      throw TorchError(.invalidArgument, "\(byteCount) bytes do not fit memory of \(memory.count) bytes")
    }
    let dtype = dtype.shim
    try check { ct_copy_out(handle, dtype, memory.baseAddress, count, $0) }
  }

  /// The number of bytes of all values.
  public var byteCount: Int { count * dtype.size }

  /// A copy on the CPU of the bytes of contiguous values.
  ///
  /// - Throws: ``TorchError`` with code `.invalidArgument` if the number of bytes does not fit `shape`.
  public convenience init(copyingBytes bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int])
    throws(TorchError)
  {
    let count = shape.reduce(1, *)
    guard shape.allSatisfy({ $0 >= 0 }), bytes.count == count * dtype.size else {
      throw TorchError(.invalidArgument, "\(bytes.count) bytes do not fill the shape \(shape) of \(dtype)")
    }
    self.init(
      adopting: try adopt { ct_from_memory(bytes.baseAddress, dtype.shim, shape, shape.count, $0, $1) })
  }

  /// The value of a tensor that holds exactly one value.
  public func item() throws(TorchError) -> Double {
    var value = 0.0
    try check { ct_item(handle, &value, $0) }
    return value
  }

  /// Overwrites the values in place. The graph does not record this.
  public func copy(from source: Tensor) throws(TorchError) {
    try check { ct_copy_from(handle, source.handle, $0) }
  }

  public func clone() throws(TorchError) -> Tensor { try Self.make { ct_clone(handle, $0, $1) } }

  /// The same values in another type; the tensor itself if it already has that type.
  public func to(_ dtype: DType) throws(TorchError) -> Tensor {
    try Self.make { ct_to_dtype(handle, dtype.shim, $0, $1) }
  }

  /// The same values on another device; the tensor itself if it is already there.
  ///
  /// - Throws: ``TorchError`` with code `.unavailable` if the device does not exist.
  public func to(_ device: Device) throws(TorchError) -> Tensor {
    try Self.make { ct_to_device(handle, device.shim, $0, $1) }
  }

  /// The same values in another memory format; the tensor itself if it already has that format.
  public func contiguous(in format: MemoryFormat = .contiguous) throws(TorchError) -> Tensor {
    try Self.make { ct_to_format(handle, format.shim, $0, $1) }
  }

  /// Replaces the contents of this tensor, for example when a module moves to another device or memory
  /// format.
  func replaceData(by source: Tensor) throws(TorchError) {
    try check { ct_set_data(handle, source.handle, $0) }
  }
}
