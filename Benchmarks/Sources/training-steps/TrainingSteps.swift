import Foundation
import StudyProtocol
import Torch

/// Times training steps on demand: takes as many steps as each input line states, and answers with one JSON
/// object.
///
///     training-steps training.json CASE THREADS fp32|bf16 contiguous|channels-last
@main
struct TrainingSteps {
  private struct Answer: Encodable {
    var seconds: [Double]
    var loss: Double
  }

  static func main() {
    do {
      try serve(CommandLine.arguments.dropFirst().map { $0 })
    } catch {
      FileHandle.standardError.write(Data("training-steps: \(error)\n".utf8))
      exit(2)
    }
  }

  private static func serve(_ arguments: [String]) throws {
    guard arguments.count == 5, let threads = Int(arguments[2]) else {
      throw UsageError("expected FILE CASE THREADS fp32|bf16 contiguous|channels-last")
    }
    let benchmark = try Case.named(arguments[1], in: arguments[0])
    try TorchRuntime.setThreadCount(threads)
    // Use the same set-up as a worker process.
    TorchRuntime.setDeterministic(true)
    TorchRuntime.keepFreedMemory()
    let format = MemoryFormat.channelsLast(dimensions: benchmark.size.count)
    let timer = try StepTimer(
      benchmark, dtype: arguments[3] == "bf16" ? .bfloat16 : .float32,
      format: arguments[4] == "channels-last" ? format : .contiguous)
    while let line = readLine(), let count = Int(line) {
      let (seconds, loss) = try timer.run(count)
      let answer = Answer(seconds: seconds, loss: loss)
      print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
      fflush(nil)
    }
  }
}
