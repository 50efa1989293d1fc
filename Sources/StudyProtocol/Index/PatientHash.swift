import Crypto
import FederatedCore
import Foundation

/// Makes the members of a `PatientSet`.
public enum PatientHash {
  /// The hash of a patient, or of whatever else the study keeps together.
  ///
  /// - Parameters:
  ///   - group: the patient's identifier in the site's table.
  ///   - salt: a secret of the site, without which the hash cannot be told from the identifier.
  public static func of(_ group: String, at site: SiteID, salt: String) -> UInt64 {
    let text = "consilium-patient\n\(salt)\n\(site)\n\(group)"
    return SHA256.hash(data: Data(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
