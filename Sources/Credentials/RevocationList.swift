import Crypto
import FederatedCore
import Foundation

/// A list of revoked certificates, signed by the authority. Lists are numbered, so that an older list never
/// replaces a newer list.
public struct RevocationList: Codable, Sendable, Equatable {
  /// The reason why a certificate was revoked.
  public enum Reason: String, Codable, Sendable, CaseIterable {
    /// Someone else has or may have the holder's key: nothing signed with this key is valid any more.
    case compromised
    /// The certificate was replaced by a newer one of the same holder.
    case replaced
    /// The certificate's holder is no longer a member.
    case left
  }

  /// A revoked certificate.
  public struct Entry: Codable, Sendable, Equatable {
    public var serial: String
    public var party: Party
    public var date: Date
    public var reason: Reason

    public init(serial: String, party: Party, date: Date, reason: Reason) {
      self.serial = serial
      self.party = party
      self.reason = reason
      self.date = Moment.wholeSeconds(date)
    }
  }

  /// The signed part of the list.
  struct Content: Codable, Equatable {
    var consortium: String
    var version: Int
    var issued: Date
    var entries: [Entry]
  }

  let content: Content
  /// The authority's signature in DER.
  let signature: Data

  public var consortium: String { content.consortium }
  public var version: Int { content.version }
  public var issued: Date { content.issued }
  public var entries: [Entry] { content.entries }

  /// The entry for the certificate with this serial number; `nil` if the certificate is not revoked.
  public subscript(serial: String) -> Entry? { entries.first { $0.serial == serial } }
}
