import FederatedCore
import Foundation

/// One end of a stream socket that carries messages. Each message is a four-byte big-endian length, followed
/// by that many bytes of JSON.
///
/// Reading and writing block, so use a separate thread for each direction. At any time, at most one thread
/// may read and at most one may write.
public struct MessageSocket: Sendable {
  /// The longest message that is accepted, in bytes.
  public static let longestMessage = 64 << 20

  public let descriptor: Int32

  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// The error of a send or receive that made no progress within the time set by ``setPatience(_:)``.
  public struct Silence: Error {}

  /// Sets the time after which sending and receiving throw ``Silence`` if the other end is silent.
  public func setPatience(_ patience: Duration) {
    let (seconds, attoseconds) = patience.components
    // Zero would disable the timeout.
    var time = timeval(tv_sec: Int(seconds), tv_usec: max(1, Int(attoseconds / 1_000_000_000_000)))
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
  }

  /// Sends one message.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the other end is gone.
  public func send(_ message: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = try encoder.encode(message)
    var frame = Data(capacity: body.count + 4)
    withUnsafeBytes(of: UInt32(body.count).bigEndian) { frame.append(contentsOf: $0) }
    frame.append(body)
    try frame.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = Foundation.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if sent < 0 && errno == EINTR { continue }
        if sent < 0 && errno == EAGAIN { throw Silence() }
        guard sent > 0 else {
          throw ConsiliumError(.unavailable, "the other end of the worker link has closed")
        }
        rest = rest.dropFirst(sent)
      }
    }
  }

  /// The next message, or `nil` if the other end closed the socket between two messages.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if a message is incomplete, too long or has an
  ///   unexpected structure.
  public func receive<Message: Decodable>(_ type: Message.Type = Message.self) throws -> Message? {
    guard let header = try read(4) else { return nil }
    let length = header.reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longestMessage else {
      throw ConsiliumError(
        .unavailable,
        "received a message of \(length) bytes on the worker link; at most \(Self.longestMessage) are allowed"
      )
    }
    guard let body = try read(length) else {
      throw ConsiliumError(.unavailable, "a message broke off on the worker link")
    }
    do {
      return try JSONDecoder().decode(type, from: body)
    } catch {
      throw ConsiliumError(
        .unavailable,
        "a message on the worker link is not of protocol version \(workerProtocolVersion)\(Self.fault(error))",
        cause: error)
    }
  }

  /// The place in a message at which decoding failed, named by its keys. Never contains a value.
  private static func fault(_ error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
    return switch error {
    case DecodingError.keyNotFound(let key, let context): ": '\(path(context.codingPath + [key]))' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      ": '\(path(context.codingPath))' is of the wrong type"
    default: ""
    }
  }

  private func read(_ count: Int) throws -> Data? {
    var data = Data(count: count)
    var filled = 0
    while filled < count {
      let got = data.withUnsafeMutableBytes {
        Foundation.read(descriptor, $0.baseAddress! + filled, count - filled)
      }
      if got < 0 && errno == EINTR { continue }
      if got < 0 && errno == EAGAIN { throw Silence() }
      if got == 0 && filled == 0 { return nil }
      guard got > 0 else { throw ConsiliumError(.unavailable, "a message broke off on the worker link") }
      filled += got
    }
    return data
  }
}

extension Slice<UnsafeRawBufferPointer> {
  fileprivate var baseAddress: UnsafeRawPointer? { base.baseAddress.map { $0 + startIndex } }
}
