import Foundation
import Synchronization

/// An HTTP server on the loopback interface that serves one file. Each request may get a different
/// misbehaviour.
final class FileServer: Sendable {
  enum Behaviour: Sendable {
    /// Answers correctly, with the requested range.
    case good
    /// Promises the whole file, but closes the connection after the given number of bytes.
    case cut(after: Int)
    /// Sends the whole file, whatever range was requested.
    case ignoringRange
    case status(Int)
  }

  let port: UInt16
  private let listener: Int32
  private let content: [UInt8]
  private let behaviours: Mutex<[Behaviour]>
  private let asked = Mutex<[String?]>([])

  /// - Parameter behaviours: The behaviours of the first requests; the last one applies to all others.
  init(content: [UInt8], _ behaviours: Behaviour...) throws {
    self.content = content
    self.behaviours = Mutex(behaviours.isEmpty ? [.good] : behaviours)
    (listener, port) = try Self.listen()
    let thread = Thread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          // Only the thread that waits on the descriptor may close it: another server may get the number of a
          // closed descriptor.
          close(listener)
          return
        }
        answer(on: connection)
        close(connection)
      }
    }
    thread.start()
  }

  /// Ends the server; its thread ends with the listener.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  var base: String { "http://127.0.0.1:\(port)" }

  /// The `Range` header of each request so far.
  var ranges: [String?] { asked.withLock { $0 } }

  private func answer(on connection: Int32) {
    let header = readHeader(from: connection)
    let range = header.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range:") }
      .map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) }
    asked.withLock { $0.append(range) }
    let start = range.flatMap { Int($0.dropFirst("bytes=".count).prefix { $0.isNumber }) }
    switch behaviours.withLock({ $0.count > 1 ? $0.removeFirst() : $0[0] }) {
    case .good: sendFile(from: start, to: connection, atMost: .max)
    case .cut(let count): sendFile(from: start, to: connection, atMost: count)
    case .ignoringRange: sendFile(from: nil, to: connection, atMost: .max)
    case .status(let status):
      send("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: connection)
    }
  }

  private func sendFile(from start: Int?, to connection: Int32, atMost limit: Int) {
    guard (start ?? 0) < content.count else {
      return send(
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: connection
      )
    }
    let rest = content[(start ?? 0)...]
    let range = start.map { "Content-Range: bytes \($0)-\(content.count - 1)/\(content.count)\r\n" } ?? ""
    send(
      "HTTP/1.1 \(start == nil ? "200 OK" : "206 Partial Content")\r\nContent-Length: \(rest.count)\r\n\(range)"
        + "Content-Type: application/octet-stream\r\nConnection: close\r\n\r\n", to: connection)
    send(Array(rest.prefix(limit)), to: connection)
  }

  private func readHeader(from connection: Int32) -> String {
    var header: [UInt8] = []
    var byte: UInt8 = 0
    while !header.suffix(4).elementsEqual("\r\n\r\n".utf8), read(connection, &byte, 1) == 1 {
      header.append(byte)
    }
    return String(decoding: header, as: UTF8.self)
  }

  private func send(_ text: String, to connection: Int32) { send(Array(text.utf8), to: connection) }

  private func send(_ bytes: [UInt8], to connection: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  private static func listen() throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && Foundation.listen(listener, 8) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
    return (listener, UInt16(bigEndian: address.sin_port))
  }
}
