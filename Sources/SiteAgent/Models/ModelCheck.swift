import Credentials
import FederatedCore
import FederatedTransport
import StudyAgreement
import StudyRuns

/// The check that a question is about a model of the coordinator's signed chain.
enum ModelCheck: Sendable {
  /// Training and validation in the rounds of an arm. In a ring, the stages after the first start from models
  /// within the round, which no manifest states.
  case rounds(ModelChain, isRing: Bool)
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
      case .rounds(let chain, let isRing):
        try await Self.fault(in: assignment, file, chain, isRing: isRing)
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
    in assignment: Assignment, _ file: String, _ chain: ModelChain, isRing: Bool
  ) async throws -> String? {
    if let fault = try await chain.extend(with: try assignment.manifests()) { return fault }
    let id = assignment.id
    // An evaluation follows the stages of its round.
    let round = id.stage == nil ? id.round : id.round - 1
    guard let link = await chain.link(after: round) else {
      return "there is no signed manifest of round \(round)"
    }
    if let stage = id.stage, stage > 0 {
      return isRing ? nil : "the round has only one stage, and stage \(stage + 1) was asked"
    }
    return link.file == file ? nil : "it names the model \(link.file.prefix(12)) there"
  }
}

extension Assignment {
  /// The coordinator's signed manifests that came with the question.
  fileprivate func manifests() throws -> [Signed<RoundManifest>] {
    guard !proof.isEmpty else { return [] }
    do {
      return try WireJSON.decode(.init(proof), "the coordinator's manifests")
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
