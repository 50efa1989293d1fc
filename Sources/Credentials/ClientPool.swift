import Foundation

/// The clients that share a limit before they have shown who they are.
package enum ClientPool {
  /// The name of the pool of an IP address: the address itself, or for IPv6 its first 64 bits, since every
  /// customer of a provider has that many addresses.
  package static func name(of address: String) -> String {
    let address = address.lowercased()
    if address.hasPrefix("::ffff:"), address.contains(".") { return String(address.dropFirst(7)) }
    guard address.contains(":") else { return address }
    let halves = address.split(separator: "%")[0].components(of: "::")
    var groups = halves[0]
    if halves.count == 2 {
      groups += Array(repeating: "0", count: max(0, 8 - halves[0].count - halves[1].count)) + halves[1]
    }
    return groups.prefix(4).joined(separator: ":") + "::/64"
  }
}

extension Substring {
  /// The groups of an IPv6 address before and after the gap, if it has one.
  fileprivate func components(of gap: String) -> [[String]] {
    guard let range = range(of: gap) else { return [split(separator: ":").map(String.init)] }
    return [self[..<range.lowerBound], self[range.upperBound...]].map {
      $0.split(separator: ":").map(String.init)
    }
  }
}
