import Credentials
import FederatedCore
import FederatedTransport
import StudyAgreement
import StudyRuns

/// The check that a question is about a model of the coordinator's signed chain.
enum ModelCheck: Sendable {
  /// Training and validation in the rounds of an arm. In a ring, the sites' signed contributions lead to the
  /// models within a round; `nil` for any other exchange.
  case rounds(ModelChain, RingCheck?)
  /// A trial from the initial weights.
  case rehearsal(ModelParameters)
  case tests(FinalChains)

  /// The last round of the chain that the site has verified, and the digest of its manifest.
  var head: (round: Int, manifest: String)? {
    get async { if case .rounds(let chain, _) = self { await chain.head } else { nil } }
  }

  /// - Throws: ``ConsiliumError``: a ``QuestionRefusal``, `.storage`.
  func admit(_ assignment: Assignment, in arm: String) async throws {
    guard let file = assignment.files["model"] else { return }
    let fault: String? =
      switch self {
      case .rounds(let chain, let ring): try await Self.fault(in: assignment, file, chain, ring)
      case .rehearsal(let initial):
        try assignment.message.parameters("model").isTheSame(as: initial)
          ? nil : "the rehearsal starts from the study's initial weights only"
      case .tests(let chains):
        try await chains.fault(inTest: assignment.id.round, of: file, try assignment.manifests())
      }
    guard let fault else { return }
    throw ConsiliumError(
      refusing: assignment,
      "the coordinator asks about the model \(file.prefix(12)) in round \(assignment.id.round) of arm '\(arm)', which is "
        + "not on its signed chain: \(fault); nothing was computed")
  }

  private static func fault(
    in assignment: Assignment, _ file: String, _ chain: ModelChain, _ ring: RingCheck?
  ) async throws -> String? {
    if let fault = try await chain.extend(with: try assignment.manifests()) { return fault }
    let id = assignment.id
    // An evaluation follows the stages of its round.
    let round = id.stage == nil ? id.round : id.round - 1
    guard let link = await chain.link(after: round) else {
      return "there is no signed manifest of round \(round)"
    }
    guard let stage = id.stage else { return fault(in: file, link) }
    if let fault = fault(inMessageOf: assignment, link) { return fault }
    if let ring {
      return try ring.fault(in: assignment.signedContributions(), to: file, id, after: link)
    }
    if stage > 0 { return "the round has only one stage, and stage \(stage + 1) was asked" }
    return fault(in: file, link)
  }

  private static func fault(in file: String, _ link: ChainLink) -> String? {
    link.file == file ? nil : "it names the model \(link.file.prefix(12)) there"
  }

  /// The message must be the one that the coordinator signed with the model. After rounds of an earlier version,
  /// no message is known.
  private static func fault(inMessageOf assignment: Assignment, _ link: ChainLink) -> String? {
    guard let expected = link.message, assignment.files["message"] != expected else { return nil }
    let sent =
      assignment.files["message"].map { "the message \($0.prefix(12)) of the strategy" } ?? "no message"
    let place = link.round == 0 ? "the study begins with" : "its manifest of round \(link.round) names"
    return "it comes with \(sent), and \(place) the message \(expected.prefix(12))"
  }
}

extension Assignment {
  /// The coordinator's signed manifests that came with the question.
  fileprivate func manifests() throws -> [Signed<RoundManifest>] {
    try decode(proof, "the coordinator's manifests")
  }

  /// The sites' signed contributions to earlier stages of the round that came with the question.
  fileprivate func signedContributions() throws -> [Signed<ContributionStatement>] {
    try decode(contributions, "the contributions to earlier stages")
  }

  private func decode<Value: Decodable>(_ bytes: [UInt8], _ what: String) throws -> [Value] {
    guard !bytes.isEmpty else { return [] }
    do {
      return try WireJSON.decode(.init(bytes), what)
    } catch {
      throw ConsiliumError(refusing: self, error.message)
    }
  }
}

extension NamedParts {
  /// Whether these are the values of a model. A zero may have another sign: a step of zeros changes it.
  fileprivate func isTheSame(as model: ModelParameters) -> Bool {
    guard parts.count == 1, parts[0].layout == model.layout else { return false }
    if parts[0] == model { return true }
    var difference = parts[0]
    difference.add(model, scaledBy: -1)
    return difference.squaredNorm == 0
  }
}
