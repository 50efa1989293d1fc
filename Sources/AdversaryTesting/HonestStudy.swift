import Credentials
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import StudyAgreement
import StudyProtocol
import StudyRuns
import TestSupport

/// A small study of two sites, and the questions that an honest coordinator asks in it.
public struct HonestStudy: Sendable {
  public let consortium: HonestConsortium
  public let study: Study
  public let plan: NetworkPlan
  /// The site that is asked.
  public let site: SiteID
  /// The arm of the study's workflow.
  public var arm: String { study.federation.workflow.name.rawValue }
  public let layout = ParameterLayout(entries: [.init(name: "w", shape: [2])])

  public init(_ text: ClinicStudy = ClinicStudy(), site: SiteID = SiteID("north")) throws {
    self.site = site
    var text = text
    text.hasAge = false
    consortium = try HonestConsortium(text)
    study = try Study(yaml: text.text)
    plan = try NetworkPlan(study, members: [SiteID("north"), SiteID("south")])
  }

  public var rounds: Int { study.federation.rounds }

  /// A model that belongs to a number: number 0 is the first model, and number 1 the model after round 1.
  public func model(_ number: Int) -> ModelParameters {
    ModelParameters(layout: layout, values: [Float(number), 1])
  }

  // MARK: Questions

  /// - Parameters:
  ///   - rate: the learning rate; `nil` for the study's own.
  ///   - proof: the manifests that come with the question.
  ///   - message: the strategy's message; `nil` if it sends only the model.
  ///   - steps: the contributions to earlier stages of a ring, from the first on.
  public func training(
    _ round: Int, from model: ModelParameters, rate: Double? = nil, proof: [Signed<RoundManifest>] = [],
    message: NamedParts? = nil, steps: [Signed<ContributionStatement>] = []
  ) throws -> Assignment {
    let agreed = try plan.settings(of: arm, members: plan.members).learningRate(round)
    var files = ["model": file(model)]
    if let message { files["message"] = Self.file(message) }
    return Assignment(
      id: .init(round: round, stage: steps.count),
      message: .train(from: model, extra: message ?? .none, learningRate: rate ?? agreed),
      previousRound: round > 1 ? round - 1 : nil, files: files, proof: try bytes(proof),
      contributions: steps.isEmpty ? [] : Array(try CanonicalJSON.encode(steps)))
  }

  /// A control variate of SCAFFOLD that belongs to a number: number 0 is the first.
  public func control(_ number: Int) -> NamedParts {
    NamedParts(
      names: ["control"],
      parts: [ModelParameters(layout: layout, values: [Float(number), Float(-number)])])
  }

  /// A site's contribution to a stage of a ring, true or not.
  ///
  /// - Parameters:
  ///   - model: the model that the contribution makes.
  ///   - signer: signs in place of the site; `nil` for the site itself.
  public func step(
    _ round: Int, _ stage: Int, at site: Identity, from base: ModelParameters, to model: ModelParameters,
    of arm: String? = nil, signer: Identity? = nil
  ) throws -> Signed<ContributionStatement> {
    try HonestConsortium.sign(
      ContributionStatement(
        study: study.digest(), arm: arm ?? self.arm, round: round, stage: stage,
        site: SiteID(site.party.name), base: file(base), update: "update-\(site.party.name)-\(round)",
        weight: 40, examples: 40, auditHead: Self.auditHead, result: file(model)),
      signer ?? site)
  }

  private static let auditHead = AuditAnchor(sequence: 1, hash: String(repeating: "a", count: 64))

  private static func file(_ parts: NamedParts) -> String { ParameterDigest.sha256(of: parts) }

  public func validation(
    _ round: Int, of model: ModelParameters, on part: DataPart = .validation,
    proof: [Signed<RoundManifest>] = []
  ) throws -> Assignment {
    Assignment(
      id: .init(round: round, stage: nil), message: .evaluate(model, on: part),
      files: ["model": file(model)], proof: try bytes(proof))
  }

  /// - Parameter number: the number of the final model, from 1.
  public func test(_ number: Int, of model: ModelParameters, proof: [Signed<RoundManifest>] = []) throws
    -> Assignment
  {
    Assignment(
      id: .init(round: number, stage: nil), message: .evaluate(model, on: .test),
      files: ["model": file(model)], proof: try bytes(proof))
  }

  private func file(_ model: ModelParameters) -> String { ParameterDigest.sha256(of: NamedParts(model)) }

  private func bytes(_ proof: [Signed<RoundManifest>]) throws -> [UInt8] {
    proof.isEmpty ? [] : Array(try CanonicalJSON.encode(proof))
  }

  // MARK: The signed chain

  /// The initial weights, as the site made them itself.
  public var start: ChainLink {
    ChainLink(
      initialModel: ParameterDigest.sha256(of: model(0)), file: file(model(0)),
      message: arm == "scaffold" ? Self.file(control(0)) : nil)
  }

  /// The manifests of the first rounds: round 1 begins with ``model(_:)`` 0 and ends with model 1, and so on.
  public func chain(_ rounds: Int, arm: String? = nil) throws -> [Signed<RoundManifest>] {
    var chain: [Signed<RoundManifest>] = []
    for round in 1...max(1, rounds) where round <= rounds {
      chain.append(
        try manifest(round, of: arm, from: model(round - 1), to: model(round), after: chain.last?.statement))
    }
    return chain
  }

  /// The manifest of one round, true or not.
  ///
  /// - Parameters:
  ///   - contributors: the sites with an update in the round.
  ///   - forger: signs the contributions in place of the sites; `nil` for the sites themselves.
  ///   - signer: signs the manifest; `nil` for the coordinator.
  public func manifest(
    _ round: Int, of arm: String? = nil, from before: ModelParameters, to after: ModelParameters,
    after previous: RoundManifest?, contributors: [Identity]? = nil, forger: Identity? = nil,
    signer: Identity? = nil
  ) throws -> Signed<RoundManifest> {
    let (arm, isControlled) = (arm ?? self.arm, self.arm == "scaffold")
    let before = (model: before, message: isControlled ? Self.file(control(round - 1)) : nil)
    let contributions = try (contributors ?? [consortium.north, consortium.south]).map { site in
      try HonestConsortium.sign(
        ContributionStatement(
          study: study.digest(), arm: arm, round: round, stage: 0, site: SiteID(site.party.name),
          base: file(before.model), update: "update-\(site.party.name)-\(round)",
          weight: isControlled ? 1 : 40, examples: 40, auditHead: Self.auditHead, message: before.message),
        forger ?? site)
    }
    let statement = try RoundManifest(
      study: study.digest(), arm: arm, round: round, time: Date(),
      modelBefore: ParameterDigest.sha256(of: before.model), modelAfter: ParameterDigest.sha256(of: after),
      fileBefore: file(before.model), fileAfter: file(after), messageBefore: before.message,
      messageAfter: isControlled ? Self.file(control(round)) : nil, contributions: contributions,
      required: consortium.proposal.statement.required(in: arm, of: nil), after: previous,
      rules: isControlled ? RoundManifest.completeRules : RoundManifest.currentRules)
    return try HonestConsortium.sign(statement, signer ?? consortium.coordinator)
  }
}

extension StageMessage {
  mutating func scaleLearningRate(by factor: Double) {
    self[.learningRate] = self[.learningRate].map { $0 * factor }
  }
}
