import Credentials
import FederatedCore
import Foundation

/// Encodes and decodes the values that are sent or stored as JSON, such as proposals, decisions,
/// contributions and readiness reports.
public enum WireJSON {
  public static func encode(_ value: some Encodable) throws(ConsiliumError) -> Data {
    do {
      return try CanonicalJSON.encode(value)
    } catch {
      throw ConsiliumError(.invalidInput, "a number is infinite or not a number", cause: error)
    }
  }

  /// - Parameter what: the name of the value in the error.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  public static func decode<Value: Decodable>(_ data: Data, _ what: String) throws(ConsiliumError) -> Value {
    do {
      return try CanonicalJSON.decode(Value.self, from: data)
    } catch {
      throw ConsiliumError(
        .invalidUpdate, "\(what) cannot be read; it is damaged or from a different version", cause: error)
    }
  }
}
