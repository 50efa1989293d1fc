import FederatedCore
import WorkerProtocol

/// What a site found when it tried a study out on its own data and machine; counts, sizes and times only.
public struct SiteReadiness: Sendable, Codable, Equatable {
  /// The model with which the site would begin.
  public struct InitialModel: Sendable, Codable, Equatable {
    /// The SHA-256 over its parameters, in hexadecimal; the same at every site, since the study's seed decides it.
    public var digest: String
    /// The digest of the file in which it can be sent, in hexadecimal.
    public var file: String
    public var layout: ParameterLayout

    public init(digest: String, file: String, layout: ParameterLayout) {
      self.digest = digest
      self.file = file
      self.layout = layout
    }
  }

  public var site: SiteID
  /// What the site's data hold, and how they break the common data elements; nil where they could not be read.
  public var data: SessionDescription?
  /// True where the data show nobody: a program generated them.
  public var isGenerated: Bool
  public var engine: EngineDescription?
  public var initialModel: InitialModel?
  /// Bytes.
  public var freeDisk: Int
  /// Bytes.
  public var memory: Int
  /// Seconds by which the site's clock is ahead of the coordinator's.
  public var clockSkew: Double
  /// What keeps the site from taking part, in words; empty where it is ready.
  public var obstacles: [String]

  public init(
    site: SiteID, data: SessionDescription? = nil, isGenerated: Bool = false,
    engine: EngineDescription? = nil, initialModel: InitialModel? = nil, freeDisk: Int, memory: Int,
    clockSkew: Double, obstacles: [String] = []
  ) {
    self.site = site
    self.data = data
    self.engine = engine
    self.initialModel = initialModel
    self.isGenerated = isGenerated
    self.freeDisk = freeDisk
    self.memory = memory
    self.clockSkew = clockSkew
    self.obstacles = obstacles
  }

  /// False where a number is such as no site has; what a peer says must not make sums overflow.
  public var isPlausible: Bool {
    let counts =
      (data?.parts.flatMap { [$0.patients, $0.examples] } ?? [])
      + (data?.findings.compactMap(\.records) ?? [])
    return counts.allSatisfy { (0...1 << 40).contains($0) } && freeDisk >= 0 && memory >= 0
      && abs(clockSkew) < 1e15
  }

  public var isReady: Bool { obstacles.isEmpty && initialModel != nil }
}
