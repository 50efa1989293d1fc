import FederatedCore
import Foundation

/// The holder that a certificate names, as the URI `urn:consilium:CONSORTIUM:ROLE:NAME` in its alternative
/// names.
package struct CertifiedName: Hashable, Sendable {
  /// The consortium's name; empty in a request that leaves it to the authority.
  package var consortium: String
  package var party: Party

  package init(consortium: String, party: Party) {
    self.consortium = consortium
    self.party = party
  }

  package static let prefix = "urn:consilium:"

  package var urn: String {
    Self.prefix + [consortium, party.role.rawValue, party.name].map(Self.encode).joined(separator: ":")
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the text differs from what ``urn`` writes.
  package init(urn: String) throws(ConsiliumError) {
    let parts = urn.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
      .map { String($0).removingPercentEncoding }
    guard urn.hasPrefix(Self.prefix), parts.count == 3, let consortium = parts[0], let name = parts[2] else {
      throw ConsiliumError(
        .invalidInput,
        "\(urn.quotedForMessage) is not of the form \(Self.prefix)CONSORTIUM:ROLE:NAME")
    }
    guard let role = parts[1].flatMap(Role.init(rawValue:)) else {
      throw ConsiliumError(
        .invalidInput, "\(urn.quotedForMessage) names no known role; expected one of \(Role.list)")
    }
    if !consortium.isEmpty { try Consortium.check(name: consortium) }
    self.init(consortium: consortium, party: try Party(role, checking: name))
    // Reject other spellings: to code that compares text, two spellings of one name would be two parties.
    guard self.urn == urn else {
      throw ConsiliumError(.invalidInput, "\(urn.quotedForMessage) must be written \(self.urn)")
    }
  }

  private static func encode(_ text: String) -> String {
    // Percent-encoding the UTF-8 bytes of valid Unicode cannot fail.
    text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }

  private static let plain = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
}
