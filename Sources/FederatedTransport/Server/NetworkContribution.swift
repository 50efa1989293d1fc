import FederatedCore

/// A site's contribution of parameters to a round.
public struct NetworkContribution: Sendable {
  public var site: SiteID
  public var arm: String
  public var id: Assignment.ID
  /// The digest of the file of the model from which the site was asked to train, in hexadecimal; empty if the
  /// question carried no model.
  public var base: String
  /// The digest of the file of the strategy's message in the question, in hexadecimal; `nil` if there was none.
  public var strategyMessage: String?
  /// The digest of the update's file, in hexadecimal.
  public var updateDigest: String
  public var weight: Double
  public var exampleCount: Int

  public init(
    site: SiteID, arm: String, id: Assignment.ID, base: String, strategyMessage: String? = nil,
    updateDigest: String, weight: Double, exampleCount: Int
  ) {
    self.strategyMessage = strategyMessage
    self.site = site
    self.arm = arm
    self.id = id
    self.base = base
    self.updateDigest = updateDigest
    self.weight = weight
    self.exampleCount = exampleCount
  }

  /// Creates the contribution from a message with one file of parameters.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there is not exactly one file, or if the
  ///   weight or the number of examples is missing.
  init(
    of message: StageMessage, files: [String: String], site: SiteID, arm: String, id: Assignment.ID,
    base: String?, strategyMessage: String?
  ) throws(ConsiliumError) {
    guard let file = files.values.first, files.count == 1 else {
      throw messageFault("\(files.count) files in an answer; expected one")
    }
    self.init(
      site: site, arm: arm, id: id, base: base ?? "", strategyMessage: strategyMessage, updateDigest: file,
      weight: try message.number(.weight),
      exampleCount: try message.count(.examples))
  }
}
