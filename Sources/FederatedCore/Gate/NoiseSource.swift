/// The source of the random numbers for privacy noise; an agent and a simulation have different sources.
///
/// Noise that others can predict protects nobody. An agent therefore uses ``system``, which accepts no seed.
/// Only a simulation has a seeded source, so that its runs are repeatable.
public struct NoiseSource: Sendable {
  private let seed: UInt64?

  private init(seed: UInt64?) { self.seed = seed }

  /// The operating system's cryptographic generator.
  public static let system = NoiseSource(seed: nil)

  /// A seeded source, for simulations and tests only.
  public static func simulated(seed: UInt64) -> NoiseSource { NoiseSource(seed: seed) }

  /// Whether the numbers can be predicted.
  public var isPredictable: Bool { seed != nil }

  /// The generator for one use in a round.
  ///
  /// - Parameters:
  ///   - site: The site; `nil` for noise at the coordinator.
  ///   - item: Distinguishes the uses within a round.
  public func generator(round: Int, site: SiteID? = nil, item: Int = 0)
    -> any RandomNumberGenerator & Sendable
  {
    guard let seed else { return SystemRandomNumberGenerator() }
    return RandomStream(
      seed: RandomStream.seed(study: seed, purpose: .noise, site: site, round: round, item: item))
  }
}
