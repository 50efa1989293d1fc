import Credentials
import CredentialsTesting
import FederatedCore
import FederatedTransport
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService
@testable import RunStore
@testable import StudyAgreement
@testable import StudyProtocol

/// A coordinator's database with studies that version 0.1 accepted but this version does not train.
@Suite(.serialized)
struct EarlierStudyTests {
  /// A study with all signatures, in the form in which version 0.1 stored it.
  private func stored(_ consortium: Consortium, _ state: StudyState, name: String) throws -> StoredStudy {
    let text = consortium.studyText.replacing("name: clinic", with: "name: \(name)")
      .replacing("{name: sgd,", with: "{name: adam,")
    let study = try Study.read(text, file: "study.yaml").study
    let sites = consortium.sites.keys.sorted()
    let statement = ProposalStatement(
      study: try study.digest(), text: Fingerprint.of(Data(text.utf8)), time: Moment.wholeSeconds(Date()),
      invited: sites, required: sites, minimum: sites.count)
    let proposal = RawProposal(
      text: text,
      signed: try Signed(statement) { (data) throws(ConsiliumError) in
        try consortium.lead.sign(data, at: Date())
      })
    var agreement = StudyAgreement(try WireJSON.decode(try WireJSON.encode(proposal), "the proposal"))
    for (site, identity) in consortium.sites {
      let decision = try DecisionStatement.signed(agreement.proposal, site: site, policy: "", data: "")
      agreement.add(
        try Signed(decision) { (data) throws(ConsiliumError) in try identity.sign(data, at: Date()) })
    }
    return StoredStudy(
      id: "\(name)-v1-\(try study.digest().prefix(8))", digest: try study.digest(), agreement: agreement,
      state: state, reason: "")
  }

  private struct RawProposal: Encodable {
    var text: String
    var signed: Signed<ProposalStatement>
  }

  /// Runs a coordinator on a database with the given studies.
  private func withCoordinator(
    of consortium: Consortium, _ studies: [StoredStudy], _ body: (CoordinatorService) async throws -> Void
  ) async throws {
    let configuration = CoordinatorConfiguration(folder: consortium.folder.appending(path: "coordinator"))
    try FileManager.default.createDirectory(at: configuration.folder, withIntermediateDirectories: true)
    let database = try CoordinatorDatabase(configuration.database)
    for study in studies {
      try database.insert(study)
      for decision in study.agreement.decisions {
        try database.apply(StudyChange(decision: decision), to: study.id)
      }
    }
    try database.close()
    let service = try CoordinatorService(configuration, keeper: IdentityKeeper(consortium.coordinator))
    try await service.start()
    try await body(service)
    await service.shutDown()
  }

  private func status(_ id: String, _ service: CoordinatorService) async throws -> StudyStatus {
    let status: CoordinatorStatus = try WireJSON.decode(await service.status(of: id), "status")
    return try #require(status.studies.first)
  }

  @Test(arguments: [
    (StudyState.proposed, StudyState.proposed), (.ready, .ready), (.rehearsing, .paused), (.running, .paused),
    (.paused, .paused),
  ])
  func studyThatIsRefusedTodayIsShownAndNotTrained(state: StudyState, shown: StudyState) async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      consortium.workflow = "scaffold"
      let study = try stored(consortium, state, name: "clinic")
      try await withCoordinator(of: consortium, [study]) { service in
        #expect(await service.faults().filter { $0.contains("cannot be read") } == [])
        let found = try await status(study.id, service)
        #expect(found.state == shown)
        #expect(found.reason.contains("derived for plain SGD"), "\(found.reason)")
        #expect(found.reason.contains("propose it again with a higher version"), "\(found.reason)")
        let action: StudyAction = shown == .paused ? .resume : .start
        let error = await #expect(throws: ConsiliumError.self) {
          try await service.control(action, study: study.id, reason: "", by: consortium.lead.party)
        }
        #expect(error?.code == .invalidInput)
        let isRight = error?.message.contains(
          shown == .proposed ? "cannot start" : "cannot continue: another version of this program accepted")
        #expect(isRight == true, "\(error?.message ?? "")")
        #expect(
          try await service.control(.abort, study: study.id, reason: "", by: consortium.lead.party)
            == .aborted)
      }
    }
  }

  @Test func resultsOfANowRefusedStudyStayReadable() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      consortium.workflow = "scaffold"
      let study = try stored(consortium, .finished, name: "clinic")
      let run = folder.appending(path: "coordinator/studies/\(study.id)/run")
      try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
      try Data("{}".utf8).write(to: run.appending(path: "report.json"))
      try await withCoordinator(of: consortium, [study]) { service in
        let found = try await status(study.id, service)
        #expect(found.state == .finished && found.reason.isEmpty, "\(found.reason)")
        let files = try await service.results(of: study.id).files
        #expect(files.map(\.path) == ["report.json"])
      }
    }
  }

  /// The study itself is valid today, but its rounds were made with a different split.
  @Test func roundsOfAnotherVersionAreNotContinued() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let study = try stored(consortium, .running, name: "clinic")
      let run = folder.appending(path: "coordinator/studies/\(study.id)/run")
      var identity = RunIdentity(
        study: "clinic", studyDigest: study.digest, sites: [:], seed: 7, arms: ["fedavg"], threads: 1,
        device: "cpu")
      identity.rules = nil
      let definition = RunDefinition(
        identity: identity, studyText: "", canonicalStudy: "", canonicalSites: [])
      try await RunStore(run, for: definition, resume: false).close()
      try await withCoordinator(of: consortium, [study]) { service in
        let found = try await status(study.id, service)
        #expect(found.state == .paused)
        #expect(found.reason.contains("its rounds began with another version"), "\(found.reason)")
        await #expect(throws: ConsiliumError.self) {
          try await service.control(.resume, study: study.id, reason: "", by: consortium.lead.party)
        }
      }
    }
  }
}
