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
  private let site: Identity

  init() throws {
    tests = try TestAuthority()
    coordinator = try tests.identity(.coordinator, "hub")
    site = try tests.identity(.site, "A")
  }

  private func model(_ value: Float) -> ModelParameters {
    ModelParameters(
      layout: ParameterLayout(entries: [.init(name: "fc.weight", shape: [1, 2])]), values: [value, 1])
  }

  /// A run folder with a signed model and one without a manifest.
  private func withRun(
    required: [String] = ["A"], fileAfter: String? = nil,
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
      let contribution = try Signed(
        ContributionStatement(
          study: "ab", arm: "fedavg", round: 1, stage: 0, site: SiteID("A"), base: files[0], update: "u",
          weight: 12, examples: 12)
      ) { (data) throws(ConsiliumError) in try site.sign(data, at: Date()) }
      let manifest = try RoundManifest(
        study: "ab", arm: "fedavg", round: 1, time: Date(), modelBefore: digests.0, modelAfter: digests.1,
        fileBefore: files[0], fileAfter: fileAfter ?? files[1], contributions: [contribution],
        required: required.map { SiteID($0) }, after: nil)
      let file = ManifestFile(
        study: "ab", arm: "fedavg", model: digests.1, round: 1, agreement: nil,
        rounds: [
          try Signed(manifest) { (data) throws(ConsiliumError) in try coordinator.sign(data, at: Date()) }
        ])
      let signed = models.appending(path: "fedavg.safetensors")
      try ParameterFile.write(after, to: signed)
      try file.json().write(to: ManifestFile.url(forModel: signed))
      try ParameterFile.write(before, to: models.appending(path: "local-A.safetensors"))
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
        #expect(!printed.out.contains("local-A"))
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

  @Test func unsignedModelIsInvalidInput() async throws {
    try await withRun { run, authority in
      let local = run.appending(path: "models/local-A.safetensors").path
      let unsigned = await consilium("model", "verify", local, "--authority", authority)
      #expect(unsigned.status == 2)
      #expect(unsigned.err.contains("local-A.manifest.json"))
      #expect(await consilium("model", "verify", local).status == 2)
      try FileManager.default.removeItem(at: run.appending(path: "models/fedavg.manifest.json"))
      let none = await consilium("model", "verify", run.path, "--authority", authority)
      #expect(none.err.contains("contains no model with a manifest"))
    }
  }
}
