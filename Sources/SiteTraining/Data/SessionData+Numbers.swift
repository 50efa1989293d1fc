import FederatedCore

extension SessionData {
  /// A number for each patient of a part, in the order of ``patients(in:)``: from 1, shuffled, so that it
  /// reveals nothing about the patient. The same seed gives the same numbers.
  func numbers(in part: DataPart, seed: UInt64) -> [Int] {
    var generator = RandomStream(seed: seed)
    return Array(1...max(1, patients(in: part).count)).shuffled(using: &generator)
  }
}
