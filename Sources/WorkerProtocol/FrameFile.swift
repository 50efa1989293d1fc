import FederatedCore
import Foundation

/// A file through which one process passes the tensors of messages to another process of the machine. Each
/// message overwrites the one before, so both processes take turns.
public final class FrameFile: Sendable {
  public let path: String
  private let descriptor: Int32

  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public init(_ path: String) throws(ConsiliumError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.fault("open", path) }
  }

  deinit { close(descriptor) }

  /// Writes the elements of the message's tensors, and returns the rest of the message.
  ///
  /// - Throws: ``ConsiliumError``: `.storage` if the file cannot be written, `.invalidInput` if the message
  ///   holds parameters, which have files of their own.
  public func write(_ message: StageMessage) throws(ConsiliumError) -> FrameHeader {
    var header = FrameHeader(kind: message.kind.rawValue, facts: message.facts, tensors: [:])
    var offset = 0
    for (name, tensor) in message.tensors.sorted(by: { $0.key < $1.key }) {
      guard !tensor.isParameters else {
        throw ConsiliumError(.invalidInput, "the tensor '\(name)' holds parameters, which no frame can hold")
      }
      let isWritten = tensor.withLittleEndianBytes { bytes in
        transfer(bytes.count, at: offset) { rest, place in
          pwrite(descriptor, bytes.baseAddress.map { $0 + rest.lowerBound }, rest.count, place)
        }
      }
      guard isWritten else { throw Self.fault("write", path) }
      header.tensors[name] = .init(type: tensor.elementType.rawValue, count: tensor.count, offset: offset)
      offset += (tensor.count * tensor.elementType.size + 63) & ~63
    }
    return header
  }

  /// Reads the message with this header.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file does not hold the message's tensors.
  public func read(_ header: FrameHeader) throws(ConsiliumError) -> StageMessage {
    var message = StageMessage(StageMessage.Kind(header.kind))
    message.facts = header.facts
    for (name, place) in header.tensors {
      guard let type = StageTensor.ElementType(rawValue: place.type), place.offset >= 0,
        (0...1 << 40).contains(place.count)
      else { throw Self.fault("read", path) }
      message.tensors[name] =
        switch type {
        case .f32: .f32(try vector(at: place))
        case .bf16: .bf16(try vector(at: place))
        case .u32: .u32(try vector(at: place))
        case .u64: .u64(try vector(at: place))
        }
    }
    return message
  }

  private func vector<Element>(at place: FrameHeader.Place) throws(ConsiliumError) -> VectorBuffer<Element> {
    try VectorBuffer(unsafeUninitializedCount: place.count) { values throws(ConsiliumError) in
      let bytes = UnsafeMutableRawBufferPointer(values)
      let isRead = transfer(bytes.count, at: place.offset) { rest, offset in
        pread(descriptor, bytes.baseAddress.map { $0 + rest.lowerBound }, rest.count, offset)
      }
      guard isRead else { throw Self.fault("read", path) }
    }
  }

  /// Repeats a call that transfers some of the remaining bytes, until all are transferred.
  private func transfer(_ count: Int, at offset: Int, _ call: (Range<Int>, off_t) -> Int) -> Bool {
    var done = 0
    while done < count {
      let moved = call(done..<count, off_t(offset + done))
      if moved < 0, errno == EINTR { continue }
      guard moved > 0 else { return false }
      done += moved
    }
    return true
  }

  private static func fault(_ action: String, _ path: String) -> ConsiliumError {
    ConsiliumError(.storage, "cannot \(action) '\(path)': \(String(cString: strerror(errno)))")
  }
}
