import FederatedCore
import Foundation
import ParameterFiles
import WorkerProtocol

/// A worker that does not train: it answers every request at once with an update of full size, so that only
/// the work around training is measured.
///
/// The environment variable `UNTRAINED_PARAMETERS` states the number of parameters of the model.
@main
struct UntrainedWorker {
  static func main() throws {
    let socket = MessageSocket(descriptor: STDIN_FILENO)
    let count = ProcessInfo.processInfo.environment["UNTRAINED_PARAMETERS"].flatMap { Int($0) } ?? 1000
    var values = Values(count: count)
    while let request = try socket.receive(WorkerMessage<WorkerRequest>.self) {
      let reply = try answer(request.body, &values)
      try socket.send(WorkerMessage(id: request.id, body: reply))
    }
  }

  /// A site's gate only releases numbers whose patients the engine names.
  private static let patients = PatientSet(UInt64(0)..<100)

  private static func answer(_ request: WorkerRequest, _ values: inout Values) throws -> WorkerReply {
    switch request {
    case .hello(let hello):
      return .hello(
        EngineDescription(
          engine: "none", processID: getpid(), threads: hello.threads, device: hello.device, cpuFeatures: []))
    case .open:
      return .opened(
        SessionDescription(
          parts: DataPart.allCases.map { .init(part: $0, patients: 100, examples: 100, members: patients) },
          findings: [],
          precision: "fp32", memoryFormat: "contiguous"))
    case .initialise(let request):
      try values.write(seed: 1, to: request.output)
      return .initialised(values.layout)
    case .train(let request):
      try values.write(seed: request.seed, to: request.output)
      var summary = TrainingSummary(exampleCount: 100, stepCount: 1, loss: 1, seconds: 0)
      summary.patients = TrainingPatients(trained: patients)
      return .trained(summary)
    case .evaluate:
      var evaluation = SiteEvaluation(patientCount: 100, exampleCount: 100, loss: 1, metrics: [])
      evaluation.patients = EvaluationPatients(all: patients)
      return .evaluated(evaluation)
    case .tryOut: return .triedOut([])
    case .resume, .openMiddle, .stepMiddle:
      return .failed(WorkerFailure(code: "invalidInput", message: "this worker does not train split models"))
    case .drawPanels: return .panelsDrawn([])
    case .summarise: return .summarised(SiteStatistics())
    case .inspect: return .inspected("{}")
    case .close: return .closed
    }
  }
}

/// Parameters that differ between elements. Only the first thousand differ between seeds, so that every
/// update is a different file but costs nothing to make.
private struct Values {
  let layout: ParameterLayout
  private var buffer: ParameterBuffer

  init(count: Int) {
    layout = ParameterLayout(entries: [.init(name: "weight", shape: [count])])
    buffer = ParameterBuffer(unsafeUninitializedCount: count) { Self.fill($0, seed: 1) }
  }

  mutating func write(seed: UInt64, to path: String) throws {
    buffer.withUnsafeMutableValues { Self.fill(.init(rebasing: $0.prefix(1000)), seed: seed) }
    try ParameterFile.write(
      ModelParameters(layout: layout, buffer: buffer), to: URL(fileURLWithPath: path), durability: .fast)
  }

  private static func fill(_ values: UnsafeMutableBufferPointer<Float>, seed: UInt64) {
    var state = UInt32(truncatingIfNeeded: seed ^ seed >> 32) | 1
    for index in values.indices {
      state = state &* 1_664_525 &+ 1_013_904_223
      values.initializeElement(at: index, to: (Float(state >> 8) * 0x1p-24 - 0.5) * 1e-3)
    }
  }
}
