import StudyProtocol
import Testing

/// A policy with all settings.
let strictPolicy = """
  accept:
    leads: [brain-lab]
    architectures: [unet]
    workflows: [fedavg, fedprox]
    losses: [dice-ce]
    maximum-rounds: 100
    maximum-parameters: 30000000
    maximum-studies: 2
  release: {metrics: [dice], minimum-patients: 12, per-site-metrics: true, calibration: false, replicates: true, images: true}
  hours: ["mon-fri 18:00-07:00", "sat,sun 00:00-24:00"]
  resources: {threads: 4, device: "cuda:1", upload-rate: 2000000}
  """

@Suite struct SitePolicyYAMLTests {
  private func faults(_ yaml: String) -> [String] {
    do {
      _ = try SitePolicy(yaml: yaml, file: "p")
      return []
    } catch {
      return error.diagnostics.map { String($0.description.dropFirst(2)) }
    }
  }

  @Test func readsEverySetting() throws {
    let policy = try SitePolicy(yaml: strictPolicy)
    #expect(
      policy.accept
        == .init(
          leads: ["brain-lab"], architectures: [.unet], workflows: [.fedavg, .fedprox],
          losses: [.diceCrossEntropy], maximumRounds: 100, maximumParameters: 30_000_000, maximumStudies: 2))
    #expect(
      policy.release
        == .init(metrics: [.dice], minimumPatients: 12, calibration: false, replicates: true, images: true))
    #expect(
      policy.hours.windows.map(\.description) == ["mon,tue,wed,thu,fri 18:00-07:00", "sat,sun 00:00-24:00"])
    #expect(policy.resources == .init(threads: 4, device: "cuda:1", uploadRate: 2_000_000))
  }

  @Test(arguments: ["{}", "accept: {leads: any, architectures: any}", "hours: always"])
  func defaultsAreRestrictive(yaml: String) throws {
    let policy = try SitePolicy(yaml: yaml)
    #expect(policy == SitePolicy())
    #expect(!policy.release.images)
    #expect(!policy.release.replicates)
    #expect(policy.release.minimumPatients == 10)
  }

  @Test(arguments: ["{}", strictPolicy]) func canonicalJSONIsAPolicyFile(yaml: String) throws {
    let policy = try SitePolicy(yaml: yaml)
    let json = try policy.canonicalJSON()
    #expect(try SitePolicy(yaml: json) == policy)
    #expect(try SitePolicy(yaml: "# with a comment\n" + yaml).digest() == policy.digest())
    var changed = policy
    changed.release.minimumPatients += 1
    #expect(try changed.digest() != policy.digest())
  }

  /// Signatures from before the key was added still name the same policy.
  @Test func defaultLocalModelsIsNotInTheDigest() throws {
    #expect(try !SitePolicy().canonicalJSON().contains("local-models"))
    let closed = try SitePolicy(yaml: "release: {local-models: false}")
    #expect(!closed.release.localModels)
    #expect(try SitePolicy(yaml: closed.canonicalJSON()) == closed)
    #expect(try closed.digest() != SitePolicy().digest())
    #expect(try SitePolicy(yaml: "release: {local-models: true}").digest() == SitePolicy().digest())
  }

  @Test func defaultActivationsAndCutsAreNotInTheDigest() throws {
    let json = try SitePolicy().canonicalJSON()
    #expect(!json.contains("activations"))
    #expect(!json.contains("cuts"))
    #expect(!SitePolicy().release.activations)
    let open = try SitePolicy(yaml: "accept: {cuts: [layer2]}\nrelease: {activations: true}")
    #expect(open.release.activations)
    #expect(open.accept.cuts == ["layer2"])
    #expect(try SitePolicy(yaml: open.canonicalJSON()) == open)
    #expect(
      try SitePolicy(yaml: "accept: {cuts: any}\nrelease: {activations: false}").digest()
        == SitePolicy().digest())
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var old: String
    var new: String
    var fault: String
    var testDescription: String { new }

    init(_ old: String, _ new: String, _ fault: String) {
      (self.old, self.new, self.fault) = (old, new, fault)
    }
  }

  @Test(arguments: [
    Case(
      "leads: [", "lead: [",
      "2:3: error: accept.lead: unknown key; expected one of leads, architectures, workflows, losses, cuts, maximum-rounds, maximum-parameters, maximum-studies. Did you mean 'leads'?"
    ),
    Case(
      "release:", "relase:",
      "9:1: error: relase: unknown key; expected one of accept, release, hours, resources. Did you mean 'release'?"
    ),
    Case(
      "architectures: [unet]", "architectures: unet",
      "3:18: error: accept.architectures: expected any, or a list, found 'unet'"),
    Case(
      "[fedavg, fedprox]", "[fedavg, fedpro]",
      "4:23: error: accept.workflows[1]: expected one of \(Study.Workflow.Name.allCases.map(\.rawValue).joined(separator: ", ")); found 'fedpro'. Did you mean 'fedprox'?"
    ),
    Case(
      "maximum-rounds: 100", "maximum-rounds: none",
      "6:19: error: accept.maximum-rounds: expected a whole number from 1 to 10000, found 'none'"),
    Case(
      "minimum-patients: 12", "minimum-patients: 0",
      "9:46: error: release.minimum-patients: expected a whole number from 1 to 1000000, found the number 0"),
    Case(
      "images: true", "images: maybe", "9:120: error: release.images: expected true or false, found 'maybe'"),
    Case(
      "mon-fri 18:00-07:00", "mon-fri 18-07",
      "10:9: error: hours[0]: expected hours such as 18:00-07:00, mon-fri 18:00-07:00 or sat,sun 00:00-24:00, found 'mon-fri 18-07'"
    ),
    Case(
      #"["mon-fri 18:00-07:00", "sat,sun 00:00-24:00"]"#, "[]",
      "10:8: error: hours: expected at least one window; for no limit, write always"),
    Case(
      #"["mon-fri 18:00-07:00", "sat,sun 00:00-24:00"]"#, "night",
      #"10:8: error: hours: expected always, or a list such as ["18:00-07:00"], found 'night'"#),
    Case(
      #""cuda:1""#, "gpu", "11:33: error: resources.device: expected cpu, cuda or cuda:N, found 'gpu'"),
    Case(
      "upload-rate: 2000000", "upload-rate: 2 MB",
      "11:56: error: resources.upload-rate: expected a whole number from 1 to 1000000000000, found '2 MB'"),
  ])
  func oneFault(change: Case) {
    #expect(strictPolicy.contains(change.old))
    #expect(faults(strictPolicy.replacing(change.old, with: change.new)) == [change.fault])
  }

  @Test func reportsAllErrorsInLineOrder() {
    let found = faults(
      strictPolicy.replacing("threads: 4", with: "threads: 0").replacing("leads:", with: "lead:")
        .replacing("minimum-patients: 12", with: "minimum-patients: x"))
    #expect(found.map { String($0.prefix { $0 != ":" }) } == ["2", "9", "11"])
  }
}
