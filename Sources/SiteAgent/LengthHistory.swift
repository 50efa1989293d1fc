/// The lengths of an arm's updates, or of the steps of its model, in earlier rounds.
///
/// Lengths are compared after division by the round's learning rate, to which they are about proportional.
struct LengthHistory: Sendable, Codable, Equatable {
  /// A length that differs much from the earlier ones.
  struct Warning: Sendable, Equatable {
    var round: Int
    /// The length, and the median length of earlier rounds at this round's learning rate.
    var length: Double
    var usual: Double

    var times: Double { length / usual }
  }

  /// Lengths above this multiple of the usual one, or below the inverse of `smallest`, are unusual.
  private static let largest = 5.0
  private static let smallest = 20.0
  /// The number of earlier rounds that are compared, and the number that is needed.
  private static let window = 10
  private static let least = 3

  /// The lengths by round, at a learning rate of 1.
  private var lengths: [Int: Double] = [:]

  /// Enters the length of a round.
  ///
  /// - Returns: A warning if the length is unusual.
  mutating func enter(_ length: Double, at round: Int, rate: Double) -> Warning? {
    guard length.isFinite, rate > 0 else { return nil }
    defer { lengths[round] = length / rate }
    let earlier = lengths.filter { $0.key < round }.sorted { $0.key < $1.key }
      .suffix(Self.window).map(\.value).sorted()
    guard earlier.count >= Self.least else { return nil }
    let usual = earlier[earlier.count / 2] * rate
    guard usual > 0, length > Self.largest * usual || length < usual / Self.smallest else { return nil }
    return Warning(round: round, length: length, usual: usual)
  }
}
