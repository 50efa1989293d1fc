import FederatedCore
import Foundation
import SwiftASN1
import X509

/// A host name or an IP address that a server's certificate vouches for.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  enum Kind: Hashable { case dns(String), ip([UInt8]) }
  let kind: Kind

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `name` is not a host name (RFC 1123).
  public init(dns name: String) throws(ConsiliumError) {
    let name = name.lowercased()
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let areLabels = labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && String(label).hasLetterOrDigitAtBothEnds
        && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }
    guard areLabels, name.utf8.count <= 253, labels.last?.allSatisfy(\.isNumber) == false else {
      throw ConsiliumError(
        .invalidInput,
        "\(name.quotedForMessage) is not a host name; expected one such as coordinator.example.org")
    }
    kind = .dns(name)
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `text` is not an IPv4 or IPv6 address.
  public init(ip text: String) throws(ConsiliumError) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      kind = .ip(withUnsafeBytes(of: four) { Array($0) })
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      kind = .ip(withUnsafeBytes(of: six) { Array($0) })
    } else {
      throw ConsiliumError(
        .invalidInput,
        "\(text.quotedForMessage) is not an IP address; expected one such as 192.0.2.7 or 2001:db8::7")
    }
  }

  init?(_ name: GeneralName) {
    switch name {
    case .dnsName(let text): kind = .dns(text)
    case .ipAddress(let bytes) where [4, 16].contains(bytes.bytes.count): kind = .ip(Array(bytes.bytes))
    default: return nil
    }
  }

  var generalName: GeneralName {
    switch kind {
    case .dns(let name): .dnsName(name)
    case .ip(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
    }
  }

  public var description: String {
    switch kind {
    case .dns(let name): return name
    case .ip(let bytes):
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      let family = bytes.count == 4 ? AF_INET : AF_INET6
      // This cannot fail: the family is known, and the buffer holds the longest address.
      _ = inet_ntop(family, bytes, &text, socklen_t(text.count))
      return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
