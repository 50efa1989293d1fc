import AuditLog
import Credentials
import CredentialsTesting
import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles
import StudyAgreement
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct ModelVerifyTests {
  private let tests: TestAuthority
  private let coordinator: Identity
  private let lead: Identity
  private let sites: [SiteID: Identity]

  init() throws {
    let tests = try TestAuthority()
    self.tests = tests
    coordinator = try tests.identity(.coordinator, "hub")
    lead = try tests.identity(.lead, "lab")
    sites = try Dictionary(
      uniqueKeysWithValues: ["A", "B"].map { (SiteID($0), try tests.identity(.site, $0)) })
  }

  private func agreement(_ invited: [String], baselines: String) throws -> StudyAgreement {
    var study = ClinicStudy()
    study.rounds = 1
    study.evaluation = ["baselines: \(baselines)"]
    let proposal = try StudyProposal(text: study.text, invited: invited.map { SiteID($0) }, at: Date()) {
      (data) throws(ConsiliumError) in try lead.sign(data, at: Date())
    }
    var agreement = StudyAgreement(proposal)
    for (site, identity) in sites where invited.contains(site.rawValue) {
      let decision = try DecisionStatement.signed(proposal, site: site, policy: "", data: "")
      agreement.add(
        try Signed(decision) { (data) throws(ConsiliumError) in try identity.sign(data, at: Date()) })
    }
    return agreement
  }

  /// An entry of the log of site A.
  private static let siteEntry = AuditAnchor(sequence: 9, hash: String(repeating: "c", count: 64))

  private func model(_ value: Float) -> ModelParameters {
    ModelParameters(
      layout: ParameterLayout(entries: [.init(name: "fc.weight", shape: [1, 2])]), values: [value, 1])
  }

  /// A run folder with a signed model.
  private func withRun(
    required: [String] = ["A"], fileAfter: String? = nil, baselines: String = "[]",
    _ change: (inout ManifestFile) throws -> Void = { _ in },
    _ body: (_ run: URL, _ authority: String) async throws -> Void
  )
    async throws
  {
    try await withTemporaryFolder { run in
      let models = run.appending(path: "models")
      try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
      let (before, after) = (model(0), model(1))
      let digests = (ParameterDigest.sha256(of: before), ParameterDigest.sha256(of: after))
      let files = try [before, after].map { model in
        let file = run.appending(path: "model.safetensors")
        try ParameterFile.write(model, to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try BlobDescriptor.name(of: file)
      }
      let agreement = try agreement(required, baselines: baselines)
      let site = try #require(sites[SiteID("A")])
      let contribution = try Signed(
        ContributionStatement(
          study: agreement.proposal.digest, arm: "fedavg", round: 1, stage: 0, site: SiteID("A"),
          base: files[0], update: "u",
          weight: 12, examples: 12, auditHead: Self.siteEntry)
      ) { (data) throws(ConsiliumError) in try site.sign(data, at: Date()) }
      let manifest = try RoundManifest(
        study: agreement.proposal.digest, arm: "fedavg", round: 1, time: Date(), modelBefore: digests.0,
        modelAfter: digests.1,
        fileBefore: files[0], fileAfter: fileAfter ?? files[1], contributions: [contribution],
        required: required.map { SiteID($0) }, after: nil)
      let conclusion = try ArmConclusion(
        after: manifest, time: Date(), round: 1, model: digests.1, isComplete: true)
      var file = ManifestFile(
        study: agreement.proposal.digest, arm: "fedavg", model: digests.1, round: 1, agreement: agreement,
        rounds: [
          try Signed(manifest) { (data) throws(ConsiliumError) in try coordinator.sign(data, at: Date()) }
        ],
        conclusion: try Signed(conclusion) { (data) throws(ConsiliumError) in
          try coordinator.sign(data, at: Date())
        })
      try change(&file)
      let signed = models.appending(path: "fedavg.safetensors")
      try ParameterFile.write(after, to: signed)
      try file.json().write(to: ManifestFile.url(forModel: signed))
      try ParameterFile.write(before, to: models.appending(path: "initial.safetensors"))
      let authority = run.appending(path: "authority.crt")
      try tests.authority.pem.write(to: authority, atomically: true, encoding: .utf8)
      try await body(run, authority.path)
    }
  }

  @Test func acceptsAGenuineModel() async throws {
    try await withRun { run, authority in
      let file = run.appending(path: "models/fedavg.safetensors").path
      for path in [run.path, file] {
        let printed = await consilium("model", "verify", path, "--authority", authority)
        #expect(printed.status == 0)
        #expect(printed.out.contains("fedavg.safetensors: genuine\n"))
        #expect(printed.out.contains("  sites    A\n"))
      }
    }
  }

  @Test func acceptsModelRewrittenByAnotherProgram() async throws {
    try await withRun { run, authority in
      let file = run.appending(path: "models/fedavg.safetensors")
      // The header may end with spaces.
      var bytes = try Data(contentsOf: file)
      let length = bytes.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
      bytes.replaceSubrange(0..<8, with: withUnsafeBytes(of: length + 8) { Data($0) })
      bytes.insert(contentsOf: Data(repeating: 0x20, count: 8), at: 8 + Int(length))
      try bytes.write(to: file)
      let printed = await consilium("model", "verify", file.path, "--authority", authority)
      #expect(printed.out.contains("fedavg.safetensors: genuine\n"))
    }
  }

  @Test func detectsManifestOfAnotherFile() async throws {
    try await withRun(fileAfter: String(repeating: "0", count: 64)) { run, authority in
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 2)
      #expect(
        printed.out.contains(
          "fault    after round 1, the sites continued from a different file than this model's"))
    }
  }

  @Test func rejectsAnotherModel() async throws {
    try await withRun { run, authority in
      try ParameterFile.write(model(2), to: run.appending(path: "models/fedavg.safetensors"))
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 2)
      #expect(printed.out.contains("NOT GENUINE"))
      #expect(printed.out.contains("fault    the model has the SHA-256"))
      let json = await consilium("model", "verify", run.path, "--authority", authority, "--json")
      #expect(json.out.contains(#""faults":["the model has"#))
    }
  }

  @Test func modelWithoutARequiredSiteIsPartial() async throws {
    try await withRun(required: ["A", "B"]) { run, authority in
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 3)
      #expect(printed.out.contains("genuine, but PARTIAL"))
      #expect(printed.out.contains("partial  round 1 lacks B"))
    }
  }

  @Test func rejectsAnotherAuthority() async throws {
    try await withRun { run, authority in
      try TestAuthority().authority.pem.write(toFile: authority, atomically: true, encoding: .utf8)
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 2)
      #expect(printed.out.contains("was not issued by the authority of 'test'"))
    }
  }

  // MARK: Absent files

  @Test func everyFileMustBeAccountedFor() async throws {
    let model = "models/local-A.safetensors"
    let cases: [(String, @Sendable (URL) throws -> Void, String)] = [
      (
        "a model without its manifest",
        {
          try FileManager.default.copyItem(
            at: $0.appending(path: "models/fedavg.safetensors"), to: $0.appending(path: model))
        },
        "fault    its manifest 'local-A.manifest.json' is missing"
      ),
      (
        "a manifest without its model",
        { try FileManager.default.removeItem(at: $0.appending(path: "models/fedavg.safetensors")) },
        "fault    the model is missing, although its manifest is here"
      ),
      (
        "another file", { try Data("x".utf8).write(to: $0.appending(path: "models/notes.txt")) },
        "fault    the file does not belong to the models; remove it"
      ),
      (
        "other initial weights",
        { [other = self.model(5)] in
          try ParameterFile.write(other, to: $0.appending(path: "models/initial.safetensors"))
        },
        "fault    these are not the weights from which the models were trained"
      ),
      (
        "a model under the name of another arm",
        {
          for end in ["safetensors", "manifest.json"] {
            try FileManager.default.moveItem(
              at: $0.appending(path: "models/fedavg.\(end)"), to: $0.appending(path: "models/local-A.\(end)"))
          }
        }, "fault    the file has the name of another arm than 'fedavg'"
      ),
    ]
    for (name, change, fault) in cases {
      try await withRun { run, authority in
        try change(run)
        let printed = await consilium("model", "verify", run.path, "--authority", authority)
        #expect(printed.status == 2, "\(name)")
        #expect(printed.out.contains(fault), "\(name): \(printed.out)")
        #expect(printed.err.contains("not genuine: "), "\(name)")
        let json = await consilium("model", "verify", run.path, "--authority", authority, "--json")
        #expect(json.status == 2 && json.out.contains(String(fault.dropFirst(9))), "\(name)")
      }
    }
  }

  @Test func manifestWithoutItsAgreementIsAFault() async throws {
    try await withRun {
      $0.agreement = nil
    } _: { run, authority in
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 2)
      #expect(printed.out.contains("fault    the agreement is missing"))
    }
  }

  @Test func manifestWithoutItsEndIsAFault() async throws {
    try await withRun {
      $0.conclusion = nil
    } _: { run, authority in
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 2)
      #expect(printed.out.contains("fault    the coordinator's conclusion is missing"))
    }
  }

  @Test func absentModelOfTheStudyIsPartial() async throws {
    try await withRun(baselines: "[local]") { run, authority in
      let printed = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(printed.status == 3)
      #expect(
        printed.err.contains("genuine, but the study has further models that are not here: local-A"))
      let file = run.appending(path: "models/fedavg.safetensors").path
      #expect(await consilium("model", "verify", file, "--authority", authority).status == 0)
    }
  }

  /// The model's manifest names an entry of the site's log, so the log cannot be emptied or replaced.
  @Test func manifestAnchorsTheLogOfASite() async throws {
    try await withRun { run, authority in
      let owner = try #require(sites[SiteID("A")])
      let log = run.appending(path: "audit.log")
      let manifest = run.appending(path: "models/fedavg.manifest.json").path
      func verify(_ owner: String = "site/A") async -> Printed {
        await consilium(
          "audit", "verify", log.path, "--authority", authority, "--owner", owner, "--manifest", manifest)
      }
      let replaced = try AuditLog(
        file: log, owner: owner.party,
        sealing: Sealing { (data, time) throws(ConsiliumError) in try owner.sign(data, at: time) }, at: Date()
      )
      try await replaced.seal(at: Date())
      let short = await verify()
      #expect(short.status == 2)
      #expect(short.out.contains("truncated: the log has no entry 9, which once existed with hash cccc"))
      for _ in 0..<9 {
        try await replaced.append(AuditRecord(.siteConnected, by: owner.party), at: Date())
      }
      #expect((await verify()).out.contains("wrong-anchor: entry 9 has hash"))
      try Data().write(to: log)
      let empty = await verify()
      #expect(empty.status == 2)
      #expect(empty.out.contains("empty: the log has no entry; every log begins with an entry"))
      let unnamed = await verify("site/B")
      #expect(unnamed.out.contains("names no entry of the log of site/B"))
    }
  }

  @Test func unsignedModelIsInvalidInput() async throws {
    try await withRun { run, authority in
      let local = run.appending(path: "models/initial.safetensors").path
      let unsigned = await consilium("model", "verify", local, "--authority", authority)
      #expect(unsigned.status == 2)
      #expect(unsigned.err.contains("initial.manifest.json"))
      #expect(await consilium("model", "verify", local).status == 2)
      try FileManager.default.removeItem(at: run.appending(path: "models/fedavg.manifest.json"))
      let none = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(none.err.contains("contains no model with a manifest"))
    }
  }
}
