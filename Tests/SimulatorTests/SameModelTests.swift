import FederatedCore
import Foundation
import Simulator
import Synchronization
import TestSupport
import Testing

extension SimulationTests {
  /// The same study yields the same model, whatever the number of workers and whatever fails during the run.
  struct SameModelTests {
    @Test func modelsAreEqualForOneWorkerTwoWorkersAndARerun() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let first = try await Simulation(clinic.configuration(workers: 1, run: "one")).run()
        #expect(first.digests.count == 4)
        #expect(Set(first.digests.values).count == 4)
        let second = try await Simulation(clinic.configuration(workers: 2, run: "two")).run()
        #expect(second.digests == first.digests)
        let again = try await Simulation(clinic.configuration(workers: 2, run: "three")).run()
        #expect(again.digests == first.digests)
      }
    }

    /// A swarm ends with the model that a coordinator computes. Its rounds are validated, selected and
    /// reported in the same way, and it resumes.
    @Test func aSwarmEndsWithTheModelsOfTheStar() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder, patients: ["east": 20, "north": 24, "south": 18])
        clinic.sites = "{}"
        let outcome = try await Simulation(clinic.configuration(arms: ["fedavg", "swarm"], run: "both")).run()
        #expect(outcome.digests.count == 2)
        #expect(Set(outcome.digests.values).count == 1)
        let (star, swarm) = (outcome.results.arms[0], outcome.results.arms[1])
        #expect(swarm.name == "swarm")
        #expect(swarm.summary.hasSuffix("one of the sites combines the updates, and others check it."))
        #expect(swarm.rounds.map(\.validation) == star.rounds.map(\.validation))
        #expect(swarm.rounds.map { $0.training.map(\.site) } == star.rounds.map { $0.training.map(\.site) })
        #expect(swarm.models[0].selectedRound == star.models[0].selectedRound)
        #expect(swarm.models[0].test == star.models[0].test)
        #expect(swarm.models[0].choice == star.models[0].choice)
        let log = EventLog()
        let broken = try Simulation(clinic.configuration(arms: ["swarm"], run: "broken"))
        #expect(try await cancelled(broken, log) { !$0.committedRounds.isEmpty } == nil)
        let resumed = try await Simulation(clinic.configuration(arms: ["swarm"], resume: true, run: "broken"))
          .run()
        #expect(resumed.digests["models/swarm.safetensors"] == star.models[0].digest)
      }
    }

    /// A study that asks for a swarm has its own workflow there.
    @Test func aSwarmHasTheStudysWorkflow() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        clinic.workflow = "fedadam, swarm: {mergers: [south]}"
        let outcome = try await Simulation(clinic.configuration(arms: ["fedadam", "swarm"])).run()
        #expect(outcome.digests.count == 2)
        #expect(Set(outcome.digests.values).count == 1)
      }
    }

    @Test func anotherSeedGivesOtherModels() async throws {
      try await withTemporaryFolder { folder in
        var clinic = Clinic(in: folder)
        let first = try await Simulation(clinic.configuration(arms: ["fedavg"], run: "one")).run()
        clinic.seed = 8
        let second = try await Simulation(clinic.configuration(arms: ["fedavg"], run: "two")).run()
        #expect(first.digests.values.first != second.digests.values.first)
      }
    }

    /// Stops the run after 1, 4, 7, 10, … committed rounds, until it is complete.
    @Test func repeatedlyCancelledRunEndsWithTheSameModels() async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let whole = try await Simulation(clinic.configuration(run: "whole")).run()
        var committed: [String] = []
        var finished: SimulationOutcome?
        for stop in 0..<12 where finished == nil {
          let log = EventLog()
          let simulation = try Simulation(clinic.configuration(resume: stop > 0, run: "broken"))
          let limit = stop == 0 ? 1 : 3
          finished = try await cancelled(simulation, log) { $0.committedRounds.count >= limit }
          committed += log.committedRounds
        }
        let outcome = try #require(finished)
        #expect(outcome.digests == whole.digests)
        // No finished round is repeated.
        #expect(committed.count == Set(committed).count)
        #expect(committed.count == 12)
      }
    }

    /// The outcome; `nil` if the run was cancelled, which happens as soon as the log satisfies the condition.
    private func cancelled(
      _ simulation: Simulation, _ log: EventLog, when condition: @escaping @Sendable (EventLog) -> Bool
    ) async throws -> SimulationOutcome? {
      let (stops, stop) = AsyncStream.makeStream(of: Void.self)
      return try await withThrowingTaskGroup(of: SimulationOutcome?.self) { group in
        group.addTask {
          defer { stop.finish() }
          do {
            return try await simulation.run { event in
              log.append(event)
              if condition(log) { stop.yield() }
            }
          } catch let error as ConsiliumError where error.code == .cancelled {
            return nil
          }
        }
        for await _ in stops {
          group.cancelAll()
          break
        }
        return try await group.next() ?? nil
      }
    }

    /// Kills the workers with signal 9 when the first, the third or the sixth round is committed.
    @Test(arguments: [1, 3, 6]) func killedWorkersDoNotChangeTheModels(moment: Int) async throws {
      try await withTemporaryFolder { folder in
        let clinic = Clinic(in: folder)
        let whole = try await Simulation(clinic.configuration(run: "whole")).run()
        let log = EventLog()
        let isDone = Mutex(false)
        let killed = try await Simulation(clinic.configuration(run: "killed")).run { event in
          log.append(event)
          guard log.committedRounds.count >= moment else { return }
          let isFirst = isDone.withLock { done in
            defer { done = true }
            return !done
          }
          if isFirst { for process in log.workers { kill(process, SIGKILL) } }
        }
        #expect(killed.digests == whole.digests)
        #expect(log.replacedWorkers.count >= 1)
      }
    }
  }
}
