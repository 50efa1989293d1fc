import CoordinatorService
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import StudyRuns
import Testing

/// Sites, coordinator and lead over mutual TLS, from the proposal to the models.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WholeFederationTests {
  @Test(arguments: ["fedavg", "scaffold", "cyclic"])
  func endsWithTheSimulatorsModels(workflow: String) async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.workflow = workflow
      let consortium = made
      let expected = try await consortium.simulated()
      let digests = try await consortium.withCoordinator { port, _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in consortium.sites.keys {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.asLead(port: port) { lead in
            let id = try await lead.propose(consortium.proposal())
            for site in consortium.sites.keys { try await consortium.sign(id, at: site, port: port) }
            #expect(try await lead.control(.start, study: id, reason: "") == .rehearsing)
            let ending = try await consortium.ending(of: id, lead)
            #expect(ending.state == .finished, "\(ending.reason)")
            return id
          }
          group.cancelAll()
          return try manifests(in: folder.appending(path: "coordinator/studies/\(id)/run/models"))
        }
      }
      #expect(digests == expected)
      for site in consortium.sites.keys {
        let log = try String(contentsOf: folder.appending(path: "agent-\(site)/audit.log"), encoding: .utf8)
        for kind in ["study-signed", "update-released", "evaluation-released"] {
          #expect(log.contains(kind), "the log of \(site) says nothing of \(kind)")
        }
      }
    }
  }

  /// Its calls just go on; without another word the new coordinator would take it for away.
  @Test func aSiteJoinsAgainWhereTheCoordinatorWasStartedAnew() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let service = try CoordinatorService(
        CoordinatorConfiguration(folder: folder.appending(path: "coordinator")),
        keeper: IdentityKeeper(consortium.coordinator))
      let north = SiteID("north")
      let first = try #require(try await service.studies(of: north, known: 0, process: "folder/start"))
      #expect(first.joinsAgain)
      // It is not kept waiting for news either.
      let second = try await service.studies(of: north, known: first.revision, process: "folder/start")
      #expect(second?.joinsAgain == true)
      _ = try await service.join(
        SiteHello(
          programVersion: consiliumVersion, clock: Date(), process: "folder/start",
          certificate: try #require(consortium.sites[north]).certificate), from: north)
      let third = try #require(try await service.studies(of: north, known: 0, process: "folder/start"))
      #expect(!third.joinsAgain)
      await service.shutDown()
    }
  }

  private func manifests(in folder: URL) throws -> [String: String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    var digests: [String: String] = [:]
    for name in names where name.hasSuffix(".manifest.json") {
      let data = try Data(contentsOf: folder.appending(path: name))
      let manifest = try ManifestFile(json: data, file: name)
      digests[name.replacing(".manifest.json", with: ".safetensors")] = manifest.model
    }
    return digests
  }
}
