import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles

@testable import RunStore

/// A small run, and rounds of it with known contents.
enum RunFixture {
  static func definition(
    studyDigest: String = "aa11", sites: [String: String] = ["A": "d1", "B": "d2"], seed: UInt64 = 7,
    arms: [String] = ["fedavg"], threads: Int = 1
  ) -> RunDefinition {
    RunDefinition(
      identity: RunIdentity(
        study: "lgg-flair", studyDigest: studyDigest, sites: sites, seed: seed, arms: arms, threads: threads,
        device: "cpu"),
      studyText: "study: {name: lgg-flair} # as written\n",
      canonicalStudy: #"{"study":{"name":"lgg-flair"}}"#,
      canonicalSites: [#"{"name":"A"}"#, #"{"name":"B"}"#])
  }

  static let layout = ParameterLayout(entries: [
    .init(name: "conv.weight", shape: [2, 3]), .init(name: "norm.running_mean", shape: [2], role: .buffer),
  ])

  static func model(_ value: Float) -> ModelParameters {
    ModelParameters(layout: layout, values: (0..<8).map { value + Float($0) / 10 })
  }

  static func checkpoint(_ arm: String = "fedavg", round: Int, best: Int = 1) -> RoundCheckpoint {
    var selection = SelectionState()
    (selection.bestRound, selection.bestScore) = (best, 0.1 * Double(best))
    let model = model(Float(round))
    let summary = TrainingSummary(exampleCount: 40, stepCount: 5, loss: 1 / Double(round), seconds: 0.25)
    let dice = MetricEstimate(name: "dice", value: 0.1 + 0.2, patientCount: 3, replicates: [0.25, 1.0 / 3])
    let evaluation = SiteEvaluation(patientCount: 3, exampleCount: 60, loss: nil, metrics: [dice])
    let record = RoundRecord(
      arm: arm, round: round, learningRate: 1e-3,
      contributions: [Contribution(site: SiteID("A"), weight: 40, updateDigest: "ab", summary: summary)],
      dropped: [DroppedSite(site: SiteID("B"), reason: "the worker died")],
      modelDigest: ParameterDigest.sha256(of: model),
      validation: [SiteValidation(site: SiteID("A"), evaluation: evaluation)], selection: selection,
      seconds: 1.5)
    return RoundCheckpoint(
      record: record, model: model,
      serverState: NamedParts(names: ["momentum"], parts: [self.model(Float(100 + round))]),
      siteStates: [
        SiteID("A"): NamedParts(names: ["variate"], parts: [self.model(Float(200 + round))]),
        // A site that took no part keeps its state.
        SiteID("B"): NamedParts(names: ["variate"], parts: [self.model(300)]),
      ])
  }

  /// The paths of all files of a run, except the database with its companions and the files kept for
  /// overwriting.
  static func files(in folder: URL) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
      .filter { !$0.hasPrefix("run.sqlite") && !$0.contains("/.spare-") }.sorted()
  }
}
