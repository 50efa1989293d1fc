/// A seeded stream of random numbers: SplitMix64 (Steele et al. 2014).
///
/// Used for shuffling, augmentation, splits and resampling, but never for secrets. Only simulations use it
/// for privacy noise.
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// The purpose of a stream. Streams with different purposes never share numbers.
  public enum Purpose: String, Sendable {
    case split, shuffle, augmentation, initialWeights = "initial-weights", training, bootstrap, phantom,
      partition, noise, numbering, order, sampling
  }

  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A number uniform in [0, 1).
  public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// The seed of the stream for one purpose, site, round and item of a study.
  ///
  /// Every stream of a study is derived here, so that no two parts of the program share a stream.
  public static func seed(
    study: UInt64, purpose: Purpose, site: SiteID? = nil, round: Int? = nil, item: Int? = nil
  ) -> UInt64 {
    // FNV-1a over an unambiguous text, then SplitMix64's finaliser to spread the bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(study)|\(purpose.rawValue)|\(site?.rawValue ?? "")|\(round ?? -1)|\(item ?? -1)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    return mix(hash)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
