import FederatedCore
import Foundation

/// The header of a safetensors file, fully checked: every tensor lies inside the file, and no two tensors
/// overlap.
///
/// The format: eight bytes with the header's length (little-endian), that many bytes of JSON, then the
/// tensors' bytes without gaps. https://github.com/huggingface/safetensors#format
struct SafetensorsHeader: Equatable {
  struct Tensor: Equatable {
    var name: String
    var type: String
    var shape: [Int]
    /// The range of the tensor's bytes in the file, counted from the end of the header.
    var bytes: Range<Int>

    var count: Int { shape.reduce(1, *) }
  }

  /// The longest header that is accepted, as in the reference implementation.
  static let longest = 100_000_000

  private static let widths = [
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4, "I16": 2,
    "I8": 1,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
  ]

  /// The tensors in the order of their bytes.
  private(set) var tensors: [Tensor]
  private(set) var metadata: [String: String]
  /// The offset of the tensors' bytes in the file.
  private(set) var dataStart: Int

  /// - Throws: ``HeaderFault``.
  init(file: UnsafeRawBufferPointer) throws(HeaderFault) {
    guard file.count >= 8 else { throw HeaderFault("it has \(file.count) bytes, too few for a header") }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= Self.longest else {
      throw HeaderFault("its header would have \(length) bytes; at most \(Self.longest) are allowed")
    }
    dataStart = 8 + Int(length)
    guard dataStart <= file.count else {
      throw HeaderFault("it is cut short: the header needs \(dataStart) bytes and there are \(file.count)")
    }
    var scanner = HeaderScanner(UnsafeRawBufferPointer(rebasing: file[8..<dataStart]))
    (tensors, metadata) = try scanner.scan()
    try checkSizes()
    try checkPlaces(available: file.count - dataStart)
  }

  private func checkSizes() throws(HeaderFault) {
    for tensor in tensors {
      guard let width = Self.widths[tensor.type] else {
        throw HeaderFault("tensor '\(tensor.name)' has the unknown type '\(tensor.type)'")
      }
      var size = width
      // Check each product, in the order of the extents. A later extent of zero must not hide an overflow,
      // which other readers would detect.
      for extent in tensor.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw HeaderFault("tensor '\(tensor.name)' is too large") }
        size = product
      }
      guard size == tensor.bytes.count else {
        throw HeaderFault(
          "tensor '\(tensor.name)' of shape \(tensor.shape) and type \(tensor.type) needs \(size) bytes but has "
            + "\(tensor.bytes.count)")
      }
    }
  }

  private mutating func checkPlaces(available: Int) throws(HeaderFault) {
    // Sort by position as well: an empty tensor may start at the same byte as the next tensor.
    tensors = tensors.enumerated()
      .sorted {
        ($0.element.bytes.lowerBound, $0.element.bytes.upperBound, $0.offset)
          < ($1.element.bytes.lowerBound, $1.element.bytes.upperBound, $1.offset)
      }
      .map(\.element)
    var end = 0
    for tensor in tensors {
      guard tensor.bytes.upperBound <= available else {
        throw HeaderFault(
          "it is cut short: tensor '\(tensor.name)' ends at byte \(tensor.bytes.upperBound) of the data and there are "
            + "\(available)")
      }
      guard tensor.bytes.lowerBound == end else {
        throw HeaderFault(
          tensor.bytes.lowerBound < end
            ? "tensor '\(tensor.name)' overlaps the one before it"
            : "there is a gap before tensor '\(tensor.name)'")
      }
      end = tensor.bytes.upperBound
    }
    guard end == available else {
      throw HeaderFault("there are \(available - end) bytes after the last tensor")
    }
  }
}

/// A problem in a header; the caller adds the file's name.
struct HeaderFault: Error, Equatable {
  var message: String
  init(_ message: String) { self.message = message }
}
