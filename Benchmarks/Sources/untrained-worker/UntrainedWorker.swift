import FederatedCore
import Foundation
import ParameterFiles
import WorkerProtocol

/// An engine that does not train: it answers every request at once, with an update of full size, so that what is measured is
/// everything around training.
///
/// `UNTRAINED_PARAMETERS` in the environment says how many parameters the model has.
@main
struct UntrainedWorker {
  static func main() throws {
    let socket = MessageSocket(descriptor: STDIN_FILENO)
    let count = ProcessInfo.processInfo.environment["UNTRAINED_PARAMETERS"].flatMap { Int($0) } ?? 1000
    let layout = ParameterLayout(entries: [.init(name: "weight", shape: [count])])
    while let request = try socket.receive(WorkerMessage<WorkerRequest>.self) {
      let reply = try answer(request.body, layout)
      try socket.send(WorkerMessage(id: request.id, body: reply))
    }
  }

  private static func answer(_ request: WorkerRequest, _ layout: ParameterLayout) throws -> WorkerReply {
    switch request {
    case .hello(let hello):
      return .hello(
        EngineDescription(
          engine: "none", processID: getpid(), threads: hello.threads, device: hello.device, cpuFeatures: []))
    case .open:
      return .opened(
        SessionDescription(
          parts: DataPart.allCases.map { .init(part: $0, patients: 100, examples: 100) }, findings: [],
          precision: "fp32", memoryFormat: "contiguous"))
    case .initialise(let request):
      try write(layout, seed: 1, to: request.output)
      return .initialised(layout)
    case .train(let request):
      try write(layout, seed: request.seed, to: request.output)
      return .trained(TrainingSummary(exampleCount: 100, stepCount: 1, loss: 1, seconds: 0))
    case .evaluate:
      return .evaluated(SiteEvaluation(patientCount: 100, exampleCount: 100, loss: 1, metrics: []))
    case .drawPanels: return .panelsDrawn([])
    case .inspect: return .inspected("{}")
    case .close: return .closed
    }
  }

  /// Values that differ from element to element and seed to seed, quickly made, in a file written piece by piece.
  private static func write(_ layout: ParameterLayout, seed: UInt64, to path: String) throws {
    let buffer = ParameterBuffer(unsafeUninitializedCount: layout.count) { values in
      var state = UInt32(truncatingIfNeeded: seed | 1)
      for index in values.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        values.initializeElement(at: index, to: (Float(state >> 8) * 0x1p-24 - 0.5) * 1e-3)
      }
    }
    try ParameterFile.write(
      ModelParameters(layout: layout, buffer: buffer), to: URL(fileURLWithPath: path), durability: .fast)
  }
}
