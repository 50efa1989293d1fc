/// The floating-point formats that can be read from a file.
enum FloatFormat: String {
  case single = "F32"
  case half = "F16"
  case brain = "BF16"
  case double = "F64"

  init?(_ type: String) { self.init(rawValue: type) }

  /// Converts as many values as `target` holds. Values beyond the range of 32 bits become infinite.
  func convert(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .single: UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
    case .half: fill(target) { Float(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Float16.self)) }
    case .brain:
      fill(target) {
        Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)) << 16)
      }
    case .double: fill(target) { Float(bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self)) }
    }
  }

  private func fill(_ target: UnsafeMutableBufferPointer<Float>, _ value: (Int) -> Float) {
    for i in target.indices { target[i] = value(i) }
  }
}
