import CredentialsTesting
import FederatedTransport
import Foundation
import StudyAgreement
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService

@Suite(.timeLimit(.minutes(10)))
struct StudyWatchTests {
  /// Watches a study that has ended.
  private func watch(_ state: StudyState, reason: String = "", options: [String] = []) async throws
    -> (id: String, printed: Printed)
  {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let identity = folder.appending(path: "lead")
      try consortium.lead.write(to: identity)
      return try await consortium.withCoordinator { port, service in
        let id = try await consortium.asLead(port: port) { try await $0.propose(consortium.proposal()) }
        try await service.set(state, reason: reason, of: id)
        let arguments = [
          "study", "watch", id, "--identity", identity.path, "--coordinator", "127.0.0.1:\(port)",
        ]
        return (id, await consilium(arguments + options))
      }
    }
  }

  @Test func reportsTheEnd() async throws {
    let (id, printed) = try await watch(.finished)
    #expect(printed.status == 0)
    #expect(printed.out == "\(id): finished\n")
  }

  @Test func printsOnlyObjectsWithJSON() async throws {
    let (_, printed) = try await watch(.finished, options: ["--json"])
    #expect(printed.status == 0)
    #expect(printed.out.contains("finished"))
    for line in printed.out.split(separator: "\n") {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }

  /// A watcher must learn of the end once the coordinator is back.
  @Test func reportsAnEndDuringAnOutage() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let (states, seen) = AsyncStream<StudyState>.makeStream()
      let (id, port, watch) = try await consortium.withCoordinator { port, _ in
        let id = try await consortium.asLead(port: port) { try await $0.propose(consortium.proposal()) }
        let watch = Task {
          defer { seen.finish() }
          try await consortium.asLead(port: port) { lead in
            try await lead.watch(id) { event in
              let event: StudyEvent = try WireJSON.decode(event, "event")
              seen.yield(event.state)
              return !event.state.hasEnded
            }
          }
        }
        #expect(await states.first { _ in true } == .proposed)
        return (id, port, watch)
      }
      let files = CoordinatorConfiguration(folder: folder.appending(path: "coordinator"))
      let database = try CoordinatorDatabase(files.database)
      try database.apply(StudyChange(state: .aborted), to: id)
      try database.close()
      try await consortium.withCoordinator(port: port) { _, _ in try await watch.value }
      #expect(await states.first { _ in true } == .aborted)
    }
  }

  @Test func reasonStaysOnItsLine() async throws {
    let (id, printed) = try await watch(.failed, reason: "no\u{1B}[2J\nclinic: finished")
    #expect(printed.status == 3)
    #expect(printed.err.hasPrefix("error: study \(id) failed: no\u{FFFD}[2J clinic: finished"))
    #expect(printed.err.split(separator: "\n").count == 1)
  }
}
