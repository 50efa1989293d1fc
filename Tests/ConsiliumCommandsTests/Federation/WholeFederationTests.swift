import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
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
