import FederatedCore
import Foundation

/// The largest chunk of a frame, in bytes.
private let largestChunk = 1 << 20

extension StageMessage {
  /// Encodes a frame or a reply as the parts that are sent, in order.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message is too large for a frame or holds
  ///   parameters.
  func frameParts(number: Int) throws(ConsiliumError) -> [Consilium_V1_FramePart] {
    let bytes = tensors.values.reduce(0) { $0 + $1.count * $1.elementType.size }
    guard bytes <= NetworkTuning.largestFrame, !tensors.values.contains(where: \.isParameters) else {
      throw messageFault("a frame of \(bytes) bytes; expected at most \(NetworkTuning.largestFrame)")
    }
    var head = Consilium_V1_StageMessage()
    head.kind = kind.rawValue
    head.facts = wireFacts
    var chunks: [Consilium_V1_FramePart] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let elements = Data(tensor.littleEndianBytes)
      var part = tensor.wireHead(named: name)
      if elements.count <= largestInline {
        part.inline = elements
      } else {
        part.follows = true
        for start in stride(from: 0, to: elements.count, by: largestChunk) {
          chunks.append(.with { $0.chunk = elements[start..<min(start + largestChunk, elements.count)] })
        }
      }
      head.tensors.append(part)
    }
    return [.with { $0.head = .with { ($0.number, $0.message) = (UInt32(number), head) } }] + chunks
  }
}

/// Assembles frames from their parts as these arrive.
struct FrameAssembly {
  /// A frame whose chunks are still arriving.
  private struct Pending {
    let number: Int
    let head: WireMessage
    var message: StageMessage
    /// The bytes of the tensor that is arriving.
    var bytes: [UInt8] = []

    /// The first tensor of the head that is not yet complete; `nil` if all are complete.
    var expected: (name: String, type: StageTensor.ElementType, count: Int)? {
      head.following.first { message.tensors[$0.name] == nil }
    }
  }

  private var pending: Pending?

  /// Adds the next part.
  ///
  /// - Returns: the frame that the part completes; `nil` if more parts follow.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the part is impossible at this place, or the
  ///   frame is too large.
  mutating func take(_ part: Consilium_V1_FramePart) throws -> (number: Int, message: StageMessage)? {
    switch part.part {
    case .head(let head): try begin(head)
    case .chunk(let chunk): try add(chunk)
    case .start, nil: throw messageFault("a conversation with an unexpected part")
    }
    guard let frame = pending, frame.expected == nil else { return nil }
    pending = nil
    return (frame.number, frame.message)
  }

  private mutating func begin(_ head: Consilium_V1_FrameHead) throws {
    guard pending == nil else { throw messageFault("a frame that begins before the end of the last one") }
    let message = try WireMessage(head.message)
    let bytes = message.following.reduce(0) { $0 + $1.count * $1.type.size }
    guard bytes <= NetworkTuning.largestFrame, message.blobs.isEmpty else {
      throw messageFault("a frame of \(bytes) bytes; expected at most \(NetworkTuning.largestFrame)")
    }
    pending = Pending(number: Int(head.number), head: message, message: message.withoutFiles)
  }

  private mutating func add(_ chunk: Data) throws {
    guard var frame = pending, let tensor = frame.expected else {
      throw messageFault("a chunk outside of a frame")
    }
    pending = nil
    let size = tensor.count * tensor.type.size
    guard !chunk.isEmpty, chunk.count <= largestChunk, frame.bytes.count + chunk.count <= size else {
      throw messageFault("a chunk of \(chunk.count) bytes in a tensor of \(size)")
    }
    frame.bytes += chunk
    if frame.bytes.count == size {
      frame.message.tensors[tensor.name] = StageTensor(
        tensor.type, count: tensor.count, littleEndian: frame.bytes)
      frame.bytes = []
    }
    pending = frame
  }
}
