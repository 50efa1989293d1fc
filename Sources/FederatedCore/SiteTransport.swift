/// How a site reaches the coordinator, over a link that the site opens.
///
/// `SiteTransportLaws` in FederatedTesting holds what every transport obeys.
public protocol SiteTransport<Payload>: Sendable {
  associatedtype Payload: ParameterGroup

  /// The site's next assignment, when there is one; nil where the study has ended.
  ///
  /// Until it is answered or withdrawn it is the same, so a site that lost one asks again.
  func nextAssignment(for site: SiteID) async throws -> Assignment?

  /// Hands in an answer; once more does nothing, and neither does an answer that comes too late.
  func submit(_ answer: SiteAnswer<Payload>, to assignment: Assignment.ID, from site: SiteID) async throws
}

/// What the coordinator asks of one site.
public struct Assignment: Sendable {
  public enum Work: Sendable {
    /// Train from the model, with what the strategy's server half sends beside it.
    case train(TrainingInstruction, message: NamedParts)
    case evaluate(DataPart)
  }

  /// Unique for one site within an arm.
  public struct ID: Hashable, Sendable, Codable {
    public var round: Int
    /// The stage of the round's plan; nil for the validation that follows them.
    public var stage: Int?

    public init(round: Int, stage: Int?) { (self.round, self.stage) = (round, stage) }
  }

  public var id: ID
  public var model: ModelParameters
  public var work: Work
  /// The last round before this one in which an update of this site counted; nil where none has. What the strategy keeps at the
  /// site is what it was after that round.
  public var previousRound: Int?
  /// The digest of the file in which the model came, in hexadecimal; nil where it never left the process.
  public var fileDigest: String?

  public init(
    id: ID, model: ModelParameters, work: Work, previousRound: Int? = nil, fileDigest: String? = nil
  ) {
    (self.id, self.model, self.work, self.fileDigest) = (id, model, work, fileDigest)
    self.previousRound = previousRound
  }
}
