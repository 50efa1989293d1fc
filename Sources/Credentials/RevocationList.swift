import Crypto
import FederatedCore
import Foundation

/// The serials that no longer count, signed by the authority; versioned so that an older list never replaces a newer.
public struct RevocationList: Codable, Sendable, Equatable {
  /// Why a certificate no longer counts.
  public enum Reason: String, Codable, Sendable, CaseIterable {
    /// Someone else has or may have the key: nothing signed with it counts any more.
    case compromised
    /// The holder has a newer certificate.
    case replaced
    /// The holder is no longer a member.
    case left
  }

  /// One certificate that no longer counts.
  public struct Entry: Codable, Sendable, Equatable {
    public var serial: String
    public var party: Party
    public var date: Date
    public var reason: Reason

    public init(serial: String, party: Party, date: Date, reason: Reason) {
      (self.serial, self.party, self.reason) = (serial, party, reason)
      self.date = Moment.wholeSeconds(date)
    }
  }

  /// All that the signature is over.
  struct Content: Codable, Equatable {
    var consortium: String
    var version: Int
    var issued: Date
    var entries: [Entry]
  }

  let content: Content
  /// The authority's, in DER.
  let signature: Data

  public var consortium: String { content.consortium }
  public var version: Int { content.version }
  public var issued: Date { content.issued }
  public var entries: [Entry] { content.entries }

  /// The entry of a serial; nil where it counts.
  public subscript(serial: String) -> Entry? { entries.first { $0.serial == serial } }
}
