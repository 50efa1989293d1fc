import FederatedCore
import Foundation

/// The table of a site in the study ``ClinicStudy``.
public enum ClinicTable {
  /// Rows with the columns patient, age, marker and disease. Every second patient is ill and has a higher
  /// marker.
  public static func rows(_ count: Int, from generator: inout RandomStream) -> [String] {
    (0..<count).map { number in
      let isIll = number.isMultiple(of: 2)
      let marker = 4 * generator.nextUnit() + (isIll ? 2 : -2)
      return "\(number),\(20 + Int(60 * generator.nextUnit())),\(marker),\(isIll ? 1 : 0)"
    }
  }

  public static func write(_ rows: [String], to file: URL) throws {
    let text = (["patient,age,marker,disease"] + rows).joined(separator: "\n") + "\n"
    try text.write(to: file, atomically: true, encoding: .utf8)
  }
}
