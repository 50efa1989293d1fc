import Foundation

/// The addresses of the dashboard's pages.
enum Address {
  static let overview = "/"
  static let history = "/history"
  static let comparison = "/compare"
  static let audit = "/audit"
  static let signIn = "/sign-in"
  static let signOut = "/sign-out"

  static func study(_ id: String) -> String { "/studies/" + encoded(id) }
  static func report(_ id: String) -> String { study(id) + "/report" }
  static func file(_ id: String, _ path: String) -> String {
    study(id) + "/files/" + path.split(separator: "/").map { encoded(String($0)) }.joined(separator: "/")
  }
  static func statistics(_ id: String) -> String { study(id) + "/statistics" }
  static func manifests(_ id: String) -> String { study(id) + "/manifests" }
  static func manifest(_ id: String, round: Int, arm: String) -> String {
    manifests(id) + "/\(round)?arm=" + encoded(arm)
  }
  static func action(_ kind: DashboardAction.Kind, _ id: String) -> String { study(id) + "/" + kind.rawValue }
  static func audit(of id: String) -> String { audit + "?study=" + encoded(id) }

  /// Encodes a segment of a path, or a value of a query.
  static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
  }

  /// A path of this dashboard; `nil` for a text that a browser could interpret as another host's address.
  static func ownPath(_ text: String?) -> String? {
    guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), text.utf8.count < 500,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    return text
  }

  /// The unreserved characters of RFC 3986, section 2.3.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
