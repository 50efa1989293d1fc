import Crypto
import FederatedCore
import Foundation

/// Computes the hashes that stand for patients in a `PatientSet`.
public enum PatientHash {
  /// Hashes a patient, or whatever group of records the study keeps together.
  ///
  /// - Parameters:
  ///   - group: The patient's identifier in the site's table.
  ///   - salt: A secret of the site. An unsalted hash could be reversed by trying all identifiers.
  public static func of(_ group: String, at site: SiteID, salt: String) -> UInt64 {
    let text = "consilium-patient\n\(salt)\n\(site)\n\(group)"
    return SHA256.hash(data: Data(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
