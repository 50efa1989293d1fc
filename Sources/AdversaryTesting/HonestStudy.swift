import FederatedCore
import FederatedRuntime
import ParameterFiles
import StudyProtocol
import StudyRuns
import TestSupport

/// A small study of two sites, and the questions that an honest coordinator asks in it.
public struct HonestStudy: Sendable {
  public let study: Study
  public let plan: NetworkPlan
  /// The site that is asked.
  public let site = SiteID("north")
  public let layout = ParameterLayout(entries: [.init(name: "w", shape: [2])])

  public init(_ text: ClinicStudy = ClinicStudy()) throws {
    var text = text
    text.hasAge = false
    study = try Study(yaml: text.text)
    plan = try NetworkPlan(study, members: [site, SiteID("south")])
  }

  public var rounds: Int { study.federation.rounds }

  /// A model that belongs to a number; number 0 is the first model.
  public func model(_ number: Int) -> ModelParameters {
    ModelParameters(layout: layout, values: [Float(number), 1])
  }

  /// - Parameter rate: the learning rate; `nil` for the study's own.
  public func training(_ round: Int, from model: ModelParameters, rate: Double? = nil) throws -> Assignment {
    let agreed = try plan.settings(of: "fedavg", members: plan.members).learningRate(round)
    return Assignment(
      id: .init(round: round, stage: 0), message: .train(from: model, learningRate: rate ?? agreed),
      previousRound: round > 1 ? round - 1 : nil, files: files(model))
  }

  public func validation(_ round: Int, of model: ModelParameters, on part: DataPart = .validation) throws
    -> Assignment
  {
    Assignment(
      id: .init(round: round, stage: nil), message: .evaluate(model, on: part), files: files(model))
  }

  /// - Parameter number: the number of the final model, from 1.
  public func test(_ number: Int, of model: ModelParameters) -> Assignment {
    Assignment(
      id: .init(round: number, stage: nil), message: .evaluate(model, on: .test), files: files(model))
  }

  private func files(_ model: ModelParameters) -> [String: String] {
    ["model": ParameterDigest.sha256(of: NamedParts(model))]
  }
}

extension StageMessage {
  mutating func scaleLearningRate(by factor: Double) {
    self[.learningRate] = self[.learningRate].map { $0 * factor }
  }
}
