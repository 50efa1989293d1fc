import FederatedCore
import Foundation
import ParameterFiles
import StudyProtocol
import TestSupport
import Testing
import WorkerProtocol

@testable import SiteTraining

/// The worker's end of the link. Each test runs it in a separate process, which the worker ends.
@Suite(.serialized) struct WorkerServerTests {
  @Test func servesASessionFromOpenToClose() async {
    await #expect(processExitsWith: .success) {
      WorkerClient.serve { client in
        try withTemporaryFolder { folder in
          try client.greet()
          let description = try client.open("north", in: folder)
          try client.check(description.findings.isEmpty, "\(description.findings)")
          try client.check(description.parts.map(\.examples) == [16, 2, 2], "\(description.parts)")
          try client.check(description.precision == "fp32", "a table in \(description.precision)")

          let trial = try client.ask(.tryOut(TryOut(session: "north"))).reply
          try client.check(trial == .triedOut([]), "\(trial)")
          let first = folder.appending(path: "first.safetensors")
          let initialise = InitialiseModel(session: "north", output: first.path)
          guard case .initialised(let layout) = try client.ask(.initialise(initialise)).reply else {
            throw WorkerClient.Unexpected("no layout")
          }
          try client.check(layout.entries.map(\.shape) == [[1, 2], [1]], "\(layout)")
          let initial = try ParameterFile.readModel(from: first)
          try client.check(initial.layout == layout, "\(initial.layout)")

          // A model of zeros predicts one half for everyone, and then learns.
          let zero = folder.appending(path: "zero.safetensors")
          try ParameterFile.write(ModelParameters.zeros(layout), to: zero, durability: .fast)
          let untrained = try client.evaluate(zero, .training)
          try client.check(untrained.patientCount == 16, "\(untrained.patientCount) patients")
          try client.check(abs((untrained.loss ?? 0) - log(2.0)) < 1e-6, "a loss of \(untrained.loss ?? 0)")

          let output = folder.appending(path: "delta.safetensors")
          let train = TrainModel(
            session: "north", global: zero.path, round: 1, amount: .epochs(3), learningRate: 0.1, seed: 5,
            proximalStrength: 0, gradientOffset: nil, output: output.path)
          let (reply, progress) = try client.ask(.train(train))
          guard case .trained(let summary) = reply else { throw WorkerClient.Unexpected("\(reply)") }
          try client.check(summary.exampleCount == 16 && summary.stepCount == 6, "\(summary)")
          try client.check(progress.last?.step == 6 && progress.last?.stepCount == 6, "\(progress)")
          // The change from a model of zeros is the trained model.
          let trained = try client.evaluate(output, .training)
          try client.check((trained.loss ?? 1) < log(2.0), "a loss of \(trained.loss ?? 1)")

          let close = try client.ask(.close(CloseSession(session: "north"))).reply
          try client.check(close == .closed, "\(close)")
          let gone = EvaluateModel(session: "north", model: zero.path, part: .test, replicates: 0)
          try client.expectFailure(.evaluate(gone), .unavailable, "'north' is not open")
        }
      }
    }
  }

  /// Each failing request gets a reply, and the next is served.
  @Test func failedRequestIsAnsweredAndServingContinues() async {
    await #expect(processExitsWith: .success) {
      WorkerClient.serve { client in
        try withTemporaryFolder { folder in
          try client.expectFailure(
            .hello(Hello(version: 99, threads: 1, device: "cpu")), .unavailable, "not 99")
          try client.expectFailure(
            .hello(Hello(threads: 1, device: "abacus")), .invalidInput, "no device 'abacus'")
          try client.expectFailure(.hello(Hello(threads: 0, device: "cpu")), .engine, "")
          try client.greet()
          let nobody = InitialiseModel(session: "nobody", output: folder.appending(path: "m").path)
          try client.expectFailure(.initialise(nobody), .unavailable, "'nobody' is not open")
          let absent = folder.appending(path: "absent.nii")
          try client.expectFailure(.inspect(InspectFile(path: absent.path)), .invalidInput, "absent.nii")
          let nothing = OpenSession(
            session: "north", study: "{}", sites: [], dataRoot: folder.path, seed: 1, cacheBytes: 0)
          try client.expectFailure(.open(nothing), .invalidInput, "not the canonical JSON of a study")
          _ = try client.open("north", in: folder)
          let unwritten = EvaluateModel(session: "north", model: absent.path, part: .test, replicates: 0)
          try client.expectFailure(.evaluate(unwritten), .storage, "absent.nii")
          try client.greet()
        }
      }
    }
  }

  /// If the loss of the first step is not a number, batches are still waiting for the trainer.
  @Test func nonFiniteLossIsReportedWhileBatchesWait() async {
    await #expect(processExitsWith: .success) {
      WorkerClient.serve { client in
        try withTemporaryFolder { folder in
          try client.greet()
          _ = try client.open("north", in: folder)
          let start = folder.appending(path: "start.safetensors")
          let huge = folder.appending(path: "huge.safetensors")
          _ = try client.ask(.initialise(InitialiseModel(session: "north", output: start.path)))
          var model = try ParameterFile.readModel(from: start)
          model.buffer.withUnsafeMutableValues { values in
            for index in values.indices { values[index] = .greatestFiniteMagnitude }
          }
          try ParameterFile.write(model, to: huge, durability: .fast)
          for _ in 0..<3 {
            let train = TrainModel(
              session: "north", global: huge.path, round: 1, amount: .steps(100), learningRate: 0.1,
              seed: 5, proximalStrength: 0, gradientOffset: nil,
              output: folder.appending(path: "delta.safetensors").path)
            try client.expectFailure(
              .train(train), .diverged, "the training loss is not a number in round 1 at step 1; lower")
          }
          let evaluation = try client.evaluate(start, .training)
          try client.check(evaluation.loss?.isFinite == true, "the engine is no longer of use")
        }
      }
    }
  }

  @Test func closingTheLinkEndsTheProcess() async {
    await #expect(processExitsWith: .success) { WorkerClient.serve { _ in } }
  }

  @Test func aRequestOfAnotherProtocolEndsTheProcess() async {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      WorkerClient.serve { client in try client.socket.send(["ask": "dance"]) }
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said.contains("consilium-worker: a message on the worker link is not of protocol version"))
  }

  @Test func truncatedRequestEndsTheProcess() async {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      WorkerClient.serve { client in
        let start: [UInt8] = [0, 0, 0, 9, 123]
        try client.check(write(client.socket.descriptor, start, start.count) == start.count, "nothing sent")
      }
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said.contains("consilium-worker: a message broke off"))
  }
}
