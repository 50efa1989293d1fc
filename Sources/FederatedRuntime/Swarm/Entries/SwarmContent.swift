import FederatedCore
import Foundation

/// The content of an entry of a swarm. Equal contents have equal bytes.
///
/// The bytes are JSON with sorted keys. Real numbers are written with as many digits as it takes to read the
/// same bits again.
public protocol SwarmContent: Codable, Equatable, Sendable {}

extension SwarmContent {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if a number is not finite.
  public func encoded() throws(ConsiliumError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self))
    } catch {
      throw ConsiliumError(
        .invalidUpdate, "an entry of the swarm has a number that is infinite or not a number", cause: error)
    }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the entry has another content.
  public init(_ entry: SwarmEntry) throws(ConsiliumError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(entry.value))
    } catch {
      throw ConsiliumError(
        .invalidUpdate,
        "the entry '\(entry.key)' of the swarm cannot be read. Its member may run another version of the program",
        cause: error)
    }
  }
}
