import ArgumentParser
import AuditLog
import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Simulator
import TestSupport
import Testing
import WorkerProtocol

@testable import ConsiliumCommands
@testable import CoordinatorService

/// Checks that the output of a command with `--json` matches `Documentation/Schemas`.
@Suite struct SchemaTests {
  private func expect(
    _ printed: Printed, _ name: String, lines: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let schema = try JSONSchema(name)
    let found = printed.out.split(separator: "\n")
    #expect(!found.isEmpty, "\(printed.err)", sourceLocation: sourceLocation)
    if let lines { #expect(found.count == lines, sourceLocation: sourceLocation) }
    for line in found {
      let faults = try schema.faults(in: line)
      #expect(faults == [], "\(line)", sourceLocation: sourceLocation)
    }
  }

  // MARK: Complete schemas

  @Test func everyCommandWithJSONHasASchema() throws {
    let named = commandsWithJSON(Consilium.self, "")
    #expect(named.count == 25)
    let files = try FileManager.default.contentsOfDirectory(atPath: JSONSchema.folder.path)
    let schemas = files.filter { $0.hasSuffix(".schema.json") }.map {
      String($0.dropLast(".schema.json".count))
    }
    #expect(Set(schemas) == Set(named + ["error"]))
    for name in named {
      let command =
        "consilium " + name.replacing("-", with: " ", maxReplacements: name.hasPrefix("simul") ? 0 : 1)
      #expect(try JSONSchema(name).title?.hasPrefix("\(command) --json") == true, "\(name)")
    }
  }

  /// The names of the commands that have `--json`, such as `study-status`.
  private func commandsWithJSON(_ command: any ParsableCommand.Type, _ path: String) -> [String] {
    let children = command.configuration.subcommands
    if children.isEmpty { return command.helpMessage().contains("--json ") ? [path] : [] }
    var found: [String] = []
    for child in children {
      let name = child.configuration.commandName ?? ""
      found += commandsWithJSON(child, path.isEmpty ? name : path + "-" + name)
    }
    return found
  }

  /// An object without documented keys could contain anything.
  @Test func everySchemaDocumentsEveryKey() throws {
    for file in try FileManager.default.contentsOfDirectory(atPath: JSONSchema.folder.path) {
      #expect(try JSONSchema(String(file.dropLast(".schema.json".count))).undocumented == [], "\(file)")
    }
  }

  /// A schema that accepts everything would be useless.
  @Test func schemaFindsErrors() throws {
    let schema = try JSONSchema("provision-issue")
    let good =
      #"{"addresses":[],"event":"issued","expires":"2027-03-01T00:00:00Z","file":"a","party":"site/DU","serial":"4a"}"#
    #expect(try schema.faults(in: good) == [])
    for (old, new, fault) in [
      ("[]", "[1]", "$.addresses[0]: is no string"), (#""event":"issued","#, "", "$: 'event' is missing"),
      ("T00:00:00Z", "", "$.expires: '2027-03-01' does not match"),
      ("site/DU", "DU", "$.party: 'DU' does not match"),
      (#""file":"a""#, #""file":"a","more":true"#, "$: 'more' is not documented"),
    ] {
      let faults = try schema.faults(in: good.replacing(old, with: new))
      #expect(faults.count == 1 && faults[0].hasPrefix(fault), "\(faults)")
    }
  }

  // MARK: Printed output

  @Test func errorsMatchTheSchema() async throws {
    let schema = try JSONSchema("error")
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "study.yaml")
      try "study: {name: x}\n".write(to: file, atomically: true, encoding: .utf8)
      for arguments in [["study", "validate", file.path], ["simulat"], ["model", "inspect", "nothing"]] {
        let printed = await consilium(arguments + ["--json"])
        #expect(printed.status != 0)
        for line in printed.err.split(separator: "\n") where line.hasPrefix("{") {
          #expect(try schema.faults(in: line) == [])
        }
        #expect(printed.err.hasPrefix("{"))
      }
    }
  }

  @Test func provisioningMatchesItsSchemas() async throws {
    try await withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      func run(_ arguments: String...) async -> Printed {
        await consilium(["provision"] + arguments + ["--json"])
      }
      let authority = ["--authority", path("authority")]
      try expect(
        await run("init", "--consortium", "Nord", "--out", path("authority")), "provision-init", lines: 1)
      try expect(
        await run("enrol", "--role", "lead", "--name", "Anna Müller", "--out", path("lead")),
        "provision-enrol",
        lines: 1)
      let issue = ["issue", path("lead/request.csr"), "--out", path("lead.crt")] + authority
      try expect(await consilium(["provision"] + issue + ["--json"]), "provision-issue", lines: 1)
      try expect(await run("install", path("lead.crt"), "--to", path("lead")), "provision-install", lines: 1)
      try expect(await run("renew", path("lead")), "provision-renew", lines: 1)
      try expect(
        await consilium(
          ["provision", "revoke", "lead/Anna Müller", "--json", "--reason", "left"] + authority),
        "provision-revoke", lines: 1)
      try expect(await consilium(["provision", "list", "--json"] + authority), "provision-list", lines: 1)
      try DashboardPlace(folder: folder).open("https://127.0.0.1:8444")
      try expect(
        await consilium(
          "coordinator", "token", "--role", "observer", "--name", "Jörg O'Brien", "--folder", folder.path,
          "--json"),
        "coordinator-token", lines: 1)
    }
  }

  @Test func studiesAndPoliciesMatchTheirSchemas() async throws {
    let study = Fixtures.file("clinic/study.yaml")
    try expect(await consilium("study", "validate", study, "--json"), "study-validate", lines: 1)
    try expect(await consilium("data", "stats", study, "--json"), "data-stats")
    try expect(await consilium("data", "fetch", "--list", "--json"), "data-fetch")
    try expect(await consilium("study", "plan", study, "--json"), "study-plan")
    try await withTemporaryFolder { folder in
      let policy = folder.appending(path: "policy.yaml")
      try "release: {local-models: false}\naccept: {leads: [Ada]}".write(
        to: policy, atomically: true, encoding: .utf8)
      let printed = await consilium(
        "policy", "check", policy.path, "--study", study, "--lead", "Eve", "--json")
      try expect(printed, "policy-check")
      #expect(printed.out.contains(#""setting":"accept.leads""#))
    }
  }

  @Test func modelsReportsAndLogsMatchTheirSchemas() async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      let model = folder.appending(path: "models/fedavg.safetensors").path
      try expect(await consilium("model", "inspect", model, "--json"), "model-inspect", lines: 1)
      try expect(await consilium("report", folder.path, "--json"), "report", lines: 1)
      let owner = try TestAuthority().identity(.site, "DU")
      let log = try AuditLog(
        file: folder.appending(path: "audit.log"), owner: owner.party,
        sealing: Sealing { (data, time) throws(ConsiliumError) in try owner.sign(data, at: time) }, at: Date()
      )
      try await log.append(
        AuditRecord(.siteConnected, by: owner.party, of: AuditSubject(site: SiteID("DU"))), at: Date())
      try await log.seal(at: Date())
      try expect(await consilium("audit", "show", folder.path, "--json"), "audit-show")
      let verified = await consilium("audit", "verify", folder.path, "--owner", "site/HT", "--json")
      try expect(verified, "audit-verify")
      #expect(verified.out.contains(#""event":"fault""#))
    }
  }

  // MARK: Events

  @Test func statusMatchesItsSchema() throws {
    let time = Date(timeIntervalSince1970: 1_800_000_000)
    var arm = StudyStatus.Arm(name: "fedavg", round: 1, rounds: 3, roundBegan: time, score: 0.5)
    arm.sites = [
      .init(site: SiteID("north"), stage: .training, step: 1, steps: 9, loss: 0.4, examplesPerSecond: 10)
    ]
    var study = StudyStatus(
      id: "clinic-v1-00", name: "clinic", version: 1, title: "Clinic",
      digest: String(repeating: "0", count: 64),
      lead: Party(role: .lead, name: "Anna Müller"), state: .running, reason: "",
      decisions: [
        .init(site: SiteID("north"), isRequired: true, verdict: "signed", time: time),
        .init(site: SiteID("s"), isRequired: false),
      ],
      readiness: [
        SiteReadiness(
          site: SiteID("north"),
          data: SessionDescription(parts: [], findings: [], precision: "fp32", memoryFormat: "contiguous"),
          initialModel: .init(
            digest: "d", file: "f", layout: ParameterLayout(entries: [.init(name: "w", shape: [1])])),
          freeDisk: 1, memory: 1, clockSkew: 0)
      ],
      forecast: [SiteForecast(site: SiteID("north"), transfer: 1, step: 0.1, steps: 9, modelBytes: 400)],
      arms: [arm])
    study.phase = .running
    (study.round, study.rounds, study.expectedEnd) = (1, 3, time)
    (study.proposed, study.started, study.ended) = (time, time, time)
    study.waiting = [
      StudyWait(
        site: SiteID("north"), work: .finalEvaluation, arm: "tests", round: 1, since: time, lateSince: time,
        dropsAt: time, isRequired: false)
    ]
    let status = CoordinatorStatus(
      consortium: "Nord", version: "0.1", studies: [study],
      sites: [
        SiteStatus(
          site: SiteID("north"), isConnected: true, lastSeen: time, programVersion: "0.1", clockSkew: 0.5,
          certificateExpires: time, isRevoked: false)
      ])
    let line = String(decoding: try WireJSON.encode(status), as: UTF8.self)
    #expect(try JSONSchema("study-status").faults(in: line) == [])
  }

  @Test(arguments: ["simulate", "study-watch"]) func eventsMatchTheirSchemas(name: String) throws {
    let schema = try JSONSchema(name)
    let engine = EngineDescription(
      engine: "libtorch", processID: 1, threads: 2, device: "cpu", cpuFeatures: ["avx2"])
    let summary = TrainingSummary(exampleCount: 9, stepCount: 3, loss: 0.5, seconds: 1)
    let evaluation = SiteEvaluation(
      patientCount: 9, exampleCount: 9, loss: nil, metrics: [.init(name: "auc", value: 0.5, patientCount: 9)])
    let digest = String(repeating: "0", count: 64)
    let record = RoundRecord(
      arm: "fedavg", round: 1, learningRate: 0.1,
      contributions: [Contribution(site: SiteID("north"), weight: 9, updateDigest: digest, summary: summary)],
      dropped: [DroppedSite(site: SiteID("south"), reason: "late")], modelDigest: digest,
      validation: [SiteValidation(site: SiteID("north"), evaluation: evaluation)])
    let events: [RunEvent] = [
      .armStarted(arm: "fedavg", sites: [SiteID("north")], rounds: 3, resumedAfter: 0),
      .roundStarted(arm: "fedavg", round: 1, rounds: 3),
      .siteStarted(arm: "fedavg", round: 1, site: SiteID("north")),
      .siteProgress(
        arm: "fedavg", round: 1, site: SiteID("north"),
        TrainingProgress(step: 1, stepCount: 3, loss: 0.5, examplesPerSecond: 10)),
      .siteFinished(arm: "fedavg", round: 1, site: SiteID("north"), summary),
      .siteDropped(arm: "fedavg", round: 1, site: SiteID("south"), reason: "late"),
      .siteValidated(arm: "fedavg", round: 1, site: SiteID("north"), evaluation), .roundCommitted(record),
      .armFinished(arm: "fedavg", rounds: 3, bestRound: nil, modelDigest: digest, stoppedEarly: false),
      .workerStarted(engine), .workerReplaced(processID: 1, reason: "killed"),
    ]
    for event in events {
      var line = JSONLine.encode(event)
      // The form in which the coordinator writes events.
      if name == "study-watch" { line = #"{"study":"clinic","# + line.dropFirst() }
      #expect(try schema.faults(in: line) == [], "\(line)")
    }
    guard name == "simulate" else { return }
    let session = SessionDescription(
      parts: [.init(part: .training, patients: 9, examples: 9)],
      findings: [
        DataFinding(severity: .warning, site: SiteID("north"), element: nil, records: nil, message: "m")
      ],
      precision: "fp32", memoryFormat: "contiguous")
    for event in [
      SimulationEvent.siteChecked(site: SiteID("north"), session),
      .modelTested(model: "fedavg", site: SiteID("north"), evaluation), .reportWritten(folder),
    ] { #expect(try schema.faults(in: JSONLine.encode(event)) == []) }
    let check = JSONLine.encode(SiteCheckOutput(site: SiteID("north"), session))
    for name in ["data-check", "data-index"] {
      #expect(try JSONSchema(name).faults(in: check) == [])
    }
  }

  private var folder: URL { JSONSchema.folder }
}
