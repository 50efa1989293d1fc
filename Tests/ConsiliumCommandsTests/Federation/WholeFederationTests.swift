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
    }
  }

  /// Its calls just go on; without another word the new coordinator would take it for away.
  @Test func aSiteJoinsAgainWhereTheCoordinatorWasStartedAnew() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder, sites: ["north"])
      let (port, agent) = try await consortium.withCoordinator { port, service in
        let agent = Task { try await consortium.agent(of: SiteID("north"), port: port).run() }
        _ = try await firstSite(of: service)
        return (port, agent)
      }
      try await consortium.withCoordinator(port: port) { _, service in
        let site = try await firstSite(of: service)
        #expect(site.isConnected)
        #expect(site.programVersion == consiliumVersion)
      }
      agent.cancel()
      _ = await agent.result
    }
  }

  private func firstSite(of service: CoordinatorService) async throws -> SiteStatus {
    while true {
      let status: CoordinatorStatus = try WireJSON.decode(try await service.status(of: nil), "status")
      if let site = status.sites.first { return site }
      try await Task.sleep(for: .milliseconds(20))
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
