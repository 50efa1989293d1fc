import Foundation

/// A client that opens connections and sends bytes as it pleases, from any address of this machine.
final class RawClient: Sendable {
  private let descriptor: Int32

  /// - Throws: `POSIXError` if the connection cannot be opened.
  init(port: Int, from address: String = "127.0.0.1") throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard Self.call(bind, descriptor, address, 0), Self.call(connect, descriptor, "127.0.0.1", port) else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }

  deinit { close(descriptor) }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, _ address: String,
    _ port: Int
  ) -> Bool {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, address, &place.sin_addr)
    return withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  /// Sends a request.
  func get(_ path: String, cookie: String? = nil) {
    let cookies = cookie.map { "Cookie: \($0)\r\n" } ?? ""
    let text = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\(cookies)\r\n"
    _ = text.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
  }

  /// The next bytes as text; empty once the server has closed the connection.
  func next() -> String {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }

  /// The status of the next answer; `nil` if the server closes the connection instead.
  func status() -> Int? { Int(next().split(separator: " ").dropFirst().first ?? "") }
}
