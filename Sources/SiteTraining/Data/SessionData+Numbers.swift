import FederatedCore

extension SessionData {
  /// Numbers for the patients of a set, in the order of ``patients(in:)``. The numbers 1 to n are shuffled,
  /// so that they reveal nothing about the patients. The same seed gives the same numbers.
  func numbers(in part: DataPart, seed: UInt64) -> [Int] {
    var generator = RandomStream(seed: seed)
    return Array(1...max(1, patients(in: part).count)).shuffled(using: &generator)
  }
}
