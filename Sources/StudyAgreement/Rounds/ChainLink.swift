import FederatedCore

/// The model after a round, as far as a verifier of later rounds has to know it.
public struct ChainLink: Codable, Sendable, Equatable {
  /// 0 for the initial weights.
  public var round: Int
  /// The SHA-256 of the model, in hexadecimal.
  public var model: String
  /// The digest of the model's file, in hexadecimal.
  public var file: String
  /// The digest of the file of the strategy's message for the next round, in hexadecimal; `nil` if the strategy
  /// sends only the model, and after rounds that an earlier version signed.
  public var message: String?
  /// The digests of the manifests that state this model. There is more than one if a coordinator that was
  /// restored from a backup repeated the round with the same result. Empty for the initial weights.
  public var manifests: [String]

  /// The initial weights.
  public init(initialModel model: String, file: String, message: String? = nil) {
    self.round = 0
    self.model = model
    self.file = file
    self.message = message
    manifests = []
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a number in it is not finite.
  public init(_ manifest: RoundManifest) throws(ConsiliumError) {
    round = manifest.round
    model = manifest.modelAfter
    file = manifest.fileAfter
    message = manifest.messageAfter
    manifests = [try manifest.digest()]
  }

  /// Whether both state the same model and message after the same round.
  public func hasModel(of other: ChainLink) -> Bool {
    round == other.round && model == other.model && file == other.file && message == other.message
  }

  /// Whether a manifest with this predecessor follows this link.
  func precedes(_ previous: String?) -> Bool {
    round == 0 ? previous == nil : previous.map(manifests.contains) ?? false
  }
}
