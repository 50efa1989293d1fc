import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@testable import CoordinatorService

/// The database of a coordinator of version 0.1 with protocol 4 that was killed during the rounds of a study.
struct EarlierCoordinatorTests {
  private let id = "earlier-net-v1-a054c860"
  /// A time at which the certificates of this consortium were valid.
  private let then = Date(timeIntervalSince1970: 1_796_069_400)

  private func withCopy(_ body: (CoordinatorDatabase, Authority) throws -> Void) throws {
    let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    let folder = FileManager.default.temporaryDirectory.appending(path: "earlier-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: fixtures.appending(path: "EarlierCoordinator"), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let authority = try Authority(
      pem: try String(contentsOf: folder.appending(path: "authority.crt"), encoding: .utf8))
    let database = try CoordinatorDatabase(folder.appending(path: "coordinator.sqlite"))
    try body(database, authority)
    try database.close()
  }

  @Test func signaturesOfEarlierVersionStayValid() throws {
    try withCopy { database, authority in
      let studies = try database.studies()
      let study = try #require(studies.first)
      #expect(studies.count == 1 && study.id == id)
      #expect(study.state == .running && study.started != nil && study.ended == nil)
      let review = try study.agreement.review(by: authority, at: then)
      #expect(review.isComplete && review.faults.isEmpty, "\(review.faults)")
      #expect(review.signed.keys.sorted() == ["north", "south"].map { SiteID($0) })
      #expect(try study.agreement.proposal.verify(by: authority, at: then).digest() == study.digest)
    }
  }

  @Test func contributionsOfEarlierVersionAreKeptAndVerified() throws {
    try withCopy { database, authority in
      for round in 1...4 {
        let signed = try database.contributions(to: id, arm: "scaffold", round: round)
        #expect(signed.map(\.statement.site.rawValue) == ["north", "south"])
        for contribution in signed {
          try contribution.verify(
            by: authority, from: Party(role: .site, name: contribution.statement.site.rawValue), at: then)
        }
      }
      #expect(try database.contributions(to: id, arm: "scaffold", round: 5).isEmpty)
    }
  }

  @Test func reportsOfEarlierVersionAreRead() throws {
    try withCopy { database, _ in
      #expect(try database.isRehearsed(id))
      let readiness = try database.readiness(of: id)
      #expect(readiness.map(\.site.rawValue) == ["north", "south"])
      #expect(
        readiness.map { $0.data?.parts.first { $0.part == .training }?.examples } == [117, 150])
      #expect(try database.forecast(of: id).count == 2)
      let known = try database.knownSites()
      #expect(known.count == 2 && known.values.allSatisfy { $0.certificate != nil })
    }
  }
}
