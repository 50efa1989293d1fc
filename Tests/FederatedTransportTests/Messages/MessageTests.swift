import FederatedCore
import Foundation
import GRPCCore
import SwiftProtobuf
import Testing

@testable import FederatedTransport

struct MessageTests {
  @Test func instructionsRoundTrip() throws {
    for amount in [TrainingInstruction.Amount.epochs(2), .steps(7)] {
      let instruction = TrainingInstruction(
        round: 3, amount: amount, learningRate: 0.1, seed: .max, weighting: .equal, proximalStrength: 0.5)
      #expect(try TrainingInstruction(instruction.message) == instruction)
    }
    for stage in [nil, 0, 4] {
      let id = Assignment.ID(round: 2, stage: stage)
      #expect(Assignment.ID(id.message) == id)
    }
  }

  @Test func impossibleInstructionsAreRefused() throws {
    // Absurd, but a study may have this value; the training reports the consequence.
    let large = TrainingInstruction(
      round: 1, amount: .steps(1), learningRate: 1e39, seed: 1, proximalStrength: 1e39)
    #expect(try TrainingInstruction(large.message) == large)
    let good = TrainingInstruction(round: 1, amount: .steps(1), learningRate: 0.1, seed: 1).message
    let changes: [(inout Consilium_V1_TrainWork) -> Void] = [
      { $0.amount = nil }, { $0.weighting = "mine" }, { $0.learningRate = .nan },
      { $0.proximalStrength = .infinity },
    ]
    for change in changes {
      var message = good
      change(&message)
      let error = #expect(throws: ConsiliumError.self) { try TrainingInstruction(message) }
      #expect(error?.message.hasPrefix("a message cannot be used:") == true)
    }
  }

  @Test func evaluationsRoundTrip() throws {
    let evaluation = SiteEvaluation(
      patientCount: 3, exampleCount: 9, loss: 0.25,
      metrics: [.init(name: "auc", value: 0.5, patientCount: 3, replicates: [0.4, 0.6])],
      calibration: [.init(exampleCount: 9, meanProbability: 0.5, observedFrequency: 0.4)])
    let back = try SiteEvaluation(evaluation.message)
    #expect(back.metrics == evaluation.metrics)
    #expect(back.message == evaluation.message)
    #expect(try SiteEvaluation(Consilium_V1_Evaluation()).loss == nil)
    #expect(back.comparisons == nil)
  }

  @Test func intervalsRoundTrip() throws {
    let interval = MetricInterval(low: -0.25, high: 0.5)
    let evaluation = SiteEvaluation(
      patientCount: 30, exampleCount: 30, loss: nil,
      metrics: [.init(name: "auc", value: 0.5, patientCount: 30, interval: interval)],
      comparisons: [
        .init(metric: "auc", against: String(repeating: "0", count: 64), patientCount: 30, interval: interval)
      ])
    let data: [UInt8] = try evaluation.message.serializedBytes()
    #expect(try SiteEvaluation(Consilium_V1_Evaluation(serializedBytes: data)) == evaluation)
  }

  @Test func detailsRoundTripWithoutSingleResults() throws {
    let details = EvaluationDetails(
      classCounts: [12, 14], trainingClassCounts: [30, 40], confusion: [10, 2, 3, 11],
      curves: [
        ScoreCurve(
          classIndex: 1,
          bins: [.init(low: 0.5, positives: 11, negatives: 2), .init(low: 0, positives: 3, negatives: 10)])
      ], cases: [CaseResult(number: 1, value: 0.2)])
    let evaluation = SiteEvaluation(
      patientCount: 26, exampleCount: 26, loss: nil, metrics: [], details: details)
    let bytes: Data = try evaluation.message.serializedBytes()
    var expected = evaluation
    expected.details?.cases = []
    #expect(try SiteEvaluation(Consilium_V1_Evaluation(serializedBytes: bytes)) == expected)
  }

  @Test func impossibleEvaluationsAreRefused() {
    let changes: [(inout Consilium_V1_Evaluation) -> Void] = [
      { $0.patients = .max }, { $0.examples = 1 << 41 }, { $0.loss = .nan },
      { $0.metrics = [.with { $0.name = "" }] },
      { $0.metrics = [.with { $0.name = String(repeating: "m", count: 65) }] },
      { $0.metrics = [.with { ($0.name, $0.value) = ("auc", .infinity) }] },
      { $0.metrics = [.with { ($0.name, $0.replicates) = ("auc", [0, .nan]) }] },
      { $0.calibration = [.with { $0.meanProbability = .nan }] },
      { $0.calibration = [.with { $0.examples = .max }] },
      { $0.loss = 1e308 },
      { $0.metrics = [.with { ($0.name, $0.value) = ("auc", -1e308) }] },
      { $0.metrics = [.with { ($0.name, $0.replicates) = ("auc", [0, 1e13]) }] },
      {
        $0.metrics = [.with { ($0.name, $0.replicates) = ("auc", [Double](repeating: 0, count: 100_001)) }]
      },
      { $0.metrics = .init(repeating: .with { $0.name = "auc" }, count: 257) },
      { $0.calibration = [.with { $0.meanProbability = 1e20 }] },
      { $0.calibration = [.with { $0.observedFrequency = -0.1 }] },
      { $0.calibration = .init(repeating: .init(), count: 101) },
      { $0.metrics = [.with { ($0.name, $0.low, $0.high) = ("auc", 0.5, 0.4) }] },
      { $0.metrics = [.with { ($0.name, $0.low, $0.high) = ("auc", 0.5, .nan) }] },
      { $0.comparisons = [.with { ($0.metric, $0.against) = ("auc", "short") }] },
      { $0.details = .with { $0.classCounts = [.max] } },
      { $0.details = .with { $0.confusion = .init(repeating: 1, count: 10_001) } },
      { $0.details = .with { $0.curves = [.with { $0.bins = [.with { $0.low = 2 }] }] } },
      { $0.details = .with { $0.curves = [.with { $0.bins = .init(repeating: .init(), count: 101) }] } },
    ]
    for change in changes {
      var message = Consilium_V1_Evaluation()
      change(&message)
      let error = #expect(throws: ConsiliumError.self) { try SiteEvaluation(message) }
      #expect(error?.code == .invalidUpdate)
    }
  }

  @Test func aProbabilityMayBeRounded() throws {
    let message = Consilium_V1_Evaluation.with {
      $0.calibration = [.with { $0.meanProbability = Double(Float(1).nextUp) }]
    }
    #expect(try SiteEvaluation(message).calibration.count == 1)
  }

  @Test(arguments: [-1, 1.1e8, 1e300, Double.infinity, Double.nan]) func impossibleTimesAreRefused(
    seconds: Double
  ) {
    let message = Consilium_V1_Summary.with { $0.seconds = seconds }
    let error = #expect(throws: ConsiliumError.self) { try TrainingSummary(message) }
    #expect(error?.message.hasPrefix("a message cannot be used: the time is") == true)
  }

  @Test(arguments: [nil, 0, 0.25]) func summariesRoundTrip(loss: Double?) throws {
    let summary = TrainingSummary(exampleCount: 9, stepCount: 3, loss: loss, seconds: 2, weightedCount: 4.5)
    #expect(try TrainingSummary(summary.message) == summary)
    var broken = summary.message
    broken.loss = .nan
    #expect(throws: ConsiliumError.self) { try TrainingSummary(broken) }
  }

  @Test func statesAndActionsRoundTrip() throws {
    for state in StudyState.allCases { #expect(try StudyState(state.message) == state) }
    for action in StudyAction.allCases { #expect(StudyAction(action.message) == action) }
    for state in [Consilium_V1_StudyState.unspecified, .UNRECOGNIZED(99)] {
      #expect(throws: ConsiliumError.self) { try StudyState(state) }
    }
    #expect(StudyAction(.UNRECOGNIZED(99)) == nil)
  }

  @Test func noticesRoundTrip() throws {
    let blob = BlobDescriptor(size: 5, chunkSize: 2, chunkDigests: Data(count: 96))
    let notice = StudyNotice(
      study: "s", proposal: Data([1]), state: .finished, arms: ["fedavg"], sites: [SiteID("a")],
      reason: "done", models: [.init(name: "fedavg", digest: "d", file: blob, manifest: blob)])
    #expect(try StudyNotice(notice.message) == notice)
    var broken = notice.message
    broken.models[0].blob.size = 9
    #expect(throws: ConsiliumError.self) { try StudyNotice(broken) }
  }

  // MARK: Errors

  @Test func errorsCrossWithCodeAndMessage() {
    for code in [
      ConsiliumError.Code.invalidInput, .invalidUpdate, .storage, .unavailable, .engine, .diverged, .memory,
      .partial,
    ] {
      let sent = RPCError(ConsiliumError(code, "what happened"))
      let received = ConsiliumError(sent, calling: "the coordinator")
      #expect(received.code == code)
      #expect(received.message == "what happened")
    }
    let long = RPCError(ConsiliumError(.engine, String(repeating: "ä", count: 10_000)))
    #expect(long.message.utf8.count < 3100)
  }

  /// A newer peer may have codes that this version lacks. Its words still arrive.
  @Test func unknownErrorCodeBecomesAnEngineError() {
    var sent = RPCError(code: .internalError, message: "what happened")
    sent.metadata = ["consilium-code": "inventedLater"]
    let received = ConsiliumError(sent, calling: "the coordinator")
    #expect(received.code == .engine)
    #expect(received.message == "what happened")
  }

  @Test func onlyWhatMayChangeIsTriedAgain() {
    let passing: [RPCError] = [
      .init(code: .unavailable, message: ""), .init(code: .deadlineExceeded, message: ""),
      .init(code: .unknown, message: ""), .init(code: .internalError, message: ""),
      .init(code: .aborted, message: ""), RPCError(ConsiliumError(.storage, "the disk is full")),
      RPCError(StudyAtRest()),
    ]
    let final: [RPCError] = [
      .init(code: .permissionDenied, message: ""), .init(code: .unauthenticated, message: ""),
      .init(code: .unimplemented, message: ""), .init(code: .notFound, message: ""),
      .init(code: .invalidArgument, message: ""),
      // A message that is too long.
      .init(code: .resourceExhausted, message: ""),
      RPCError(ConsiliumError(.invalidInput, "")), RPCError(ConsiliumError(.invalidUpdate, "")),
      RPCError(ConsiliumError(.engine, "")), RPCError(ConsiliumError(.unavailable, "")),
    ]
    for error in passing { #expect(error.isPassing, "\(error)") }
    for error in final { #expect(!error.isPassing, "\(error)") }
  }
}
