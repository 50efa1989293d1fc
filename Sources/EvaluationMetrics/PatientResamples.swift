/// Bootstrap resamples of one site's patients. They are drawn once and used for every model, so that
/// differences between models are paired.
///
/// A resample is stored as the number of times that it contains each patient. Whole patients are drawn, never
/// single images (Efron 1979).
public struct PatientResamples: Sendable {
  public let patientCount: Int
  public let count: Int
  private let multiplicities: [Int32]

  /// Draws the resamples. The same generator state and counts yield the same resamples on every platform.
  public init(patientCount: Int, count: Int, using generator: inout some RandomNumberGenerator) {
    self.patientCount = patientCount
    self.count = patientCount == 0 ? 0 : count
    var drawn = [Int32](repeating: 0, count: patientCount * self.count)
    for start in stride(from: 0, to: drawn.count, by: max(patientCount, 1)) {
      for _ in 0..<patientCount {
        // Take the high word of a product. `Int.random` may draw different numbers in a later version of
        // Swift.
        let patient = Int(generator.next().multipliedFullWidth(by: UInt64(patientCount)).high)
        drawn[start + patient] += 1
      }
    }
    multiplicities = drawn
  }

  /// Calls `body` for each resample with the number of times that it contains each patient.
  func map<Result>(_ body: (UnsafeBufferPointer<Int32>) -> Result) -> [Result] {
    multiplicities.withUnsafeBufferPointer { all in
      (0..<count).map { body(.init(rebasing: all[($0 * patientCount)..<(($0 + 1) * patientCount)])) }
    }
  }
}
