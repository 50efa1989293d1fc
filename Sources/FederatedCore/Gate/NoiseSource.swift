/// Where the random numbers of privacy noise come from; given by the host.
///
/// Noise that others can predict protects nobody. So an agent has ``system``, for which no seed can be given,
/// and only a simulation has a seeded source, which makes its runs repeatable.
public struct NoiseSource: Sendable {
  private let seed: UInt64?

  private init(seed: UInt64?) { self.seed = seed }

  /// The operating system's generator for secrets.
  public static let system = NoiseSource(seed: nil)

  /// For simulations and tests only.
  public static func simulated(seed: UInt64) -> NoiseSource { NoiseSource(seed: seed) }

  /// Whether the numbers can be told beforehand.
  public var isPredictable: Bool { seed != nil }

  /// The generator for one use in a round.
  ///
  /// - Parameters:
  ///   - site: `nil` at the lead.
  ///   - item: tells the uses within a round apart.
  public func generator(round: Int, site: SiteID? = nil, item: Int = 0)
    -> any RandomNumberGenerator & Sendable
  {
    guard let seed else { return SystemRandomNumberGenerator() }
    return RandomStream(
      seed: RandomStream.seed(study: seed, purpose: .noise, site: site, round: round, item: item))
  }
}
