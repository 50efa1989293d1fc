import FederatedCore
import StudyProtocol
import Testing

@Suite struct PolicyObjectionTests {
  private let study: Study

  init() throws { study = try Study(yaml: lggSketch) }

  private func found(_ yaml: String, study: Study? = nil) throws -> [String] {
    try SitePolicy(yaml: yaml).objections(to: study ?? self.study).map {
      "\($0.effect.rawValue) \($0.setting)"
    }
  }

  @Test func defaultPolicyTakesPartAndSendsIntervals() {
    let objections = SitePolicy().objections(to: study, lead: "anyone", parameterCount: 1_000_000)
    #expect(!objections.refuse)
    #expect(objections.isEmpty)
    let closed = SitePolicy(release: .init(intervals: false)).objections(to: study)
    #expect(closed.map(\.setting) == ["release.intervals"])
  }

  @Test(arguments: [
    ("accept: {architectures: [resnet18]}", "refuses accept.architectures"),
    ("accept: {workflows: [scaffold]}", "refuses accept.workflows"),
    ("accept: {losses: [dice]}", "refuses accept.losses"), ("accept: {losses: []}", "refuses accept.losses"),
    ("accept: {maximum-rounds: 19}", "refuses accept.maximum-rounds"),
    ("accept: {maximum-studies: 0}", "refuses accept.maximum-studies"),
    ("release: {metrics: [hausdorff95]}", "refuses release.metrics"),
    ("release: {metrics: [dice]}", "withholds release.metrics"),
  ])
  func eachSettingObjects(yaml: String, objection: String) throws {
    #expect(try found(yaml) == [objection])
  }

  @Test func hasNoObjectionAtTheLimit() throws {
    let yaml = """
      accept: {architectures: [unet], workflows: [fedavg], losses: [dice-ce], maximum-rounds: 20, maximum-studies: 1}
      release: {metrics: [dice, hausdorff95], replicates: true}
      resources: {threads: 1}
      """
    #expect(try found(yaml) == [])
  }

  @Test func objectionsAppearOnceFactsAreKnown() throws {
    let policy = try SitePolicy(
      yaml: strictPolicy.replacing("maximum-rounds: 100", with: "maximum-rounds: 20"))
    #expect(policy.objections(to: study).map(\.setting) == ["release.metrics"])
    let objections = policy.objections(
      to: study, lead: "other-lab", parameterCount: 30_000_001, otherStudies: 2,
      patients: [.training: 11, .validation: 3, .test: 0])
    #expect(
      objections.map(\.description) == [
        "refuses: accept.leads: studies of the study lead 'other-lab' are not accepted; accepted are brain-lab",
        "refuses: accept.maximum-parameters: the model has 30000001 parameters; at most 30000000 are allowed",
        "refuses: accept.maximum-studies: 2 studies have already trained on these data; at most 2 may",
        "withholds: release.metrics: the results will lack this site's 'hausdorff95'",
        "refuses: release.minimum-patients: too few training patients (this site requires at least 12)",
        "withholds: release.minimum-patients: the results will lack this site's metrics in validation, which has too few patients (this site requires at least 12)",
      ])
    #expect(objections.refuse)
    // The message must not state the number of patients, which must not leave the site.
    #expect(objections.allSatisfy { !$0.message.contains("11") && !$0.message.contains(" 3 ") })
  }

  @Test func selectionNeedsTheSitesOwnMetrics() throws {
    let yaml = "release: {per-site-metrics: false, replicates: true}"
    #expect(try found(yaml) == ["refuses release.per-site-metrics"])
    var auto = study
    auto.evaluation.selectBestOn = .auto
    #expect(try found(yaml, study: auto) == ["withholds release.per-site-metrics"])
    var last = study
    last.evaluation.selectBestOn = .last
    #expect(try found(yaml, study: last) == ["withholds release.per-site-metrics"])
    #expect(
      try found("release: {metrics: [], replicates: true}", study: last) == [
        "withholds release.metrics", "withholds release.metrics",
      ])
  }

  @Test func policyMayForbidLocalModels() throws {
    var local = study
    local.evaluation.baselines = [.local, .pooled]
    let yaml = "release: {local-models: false, replicates: true}"
    #expect(try found(yaml, study: local) == ["refuses release.local-models"])
    #expect(try found("release: {replicates: true}", study: local) == [])
    var shared = study
    shared.evaluation.baselines = [.pooled]
    #expect(try found(yaml, study: shared) == [])
  }

  @Test func splitLearningNeedsActivationsAndAnAcceptedCut() throws {
    var split = study
    split.federation.split = .init(cut: "level2")
    #expect(try found("release: {replicates: true}", study: split) == ["refuses release.activations"])
    let open = "release: {replicates: true, activations: true}"
    #expect(try found(open, study: split) == [])
    #expect(try found("accept: {cuts: [level2, level3]}\n\(open)", study: split) == [])
    #expect(try found("accept: {cuts: [level3]}\n\(open)", study: split) == ["refuses accept.cuts"])
    #expect(try found("accept: {cuts: [level3]}\n\(open)") == [])
  }

  @Test func objectsToImagesThreadsAndCurves() throws {
    var changed = study
    changed.report.images = true
    changed.training.threads = 2
    #expect(
      try found("resources: {threads: 1}", study: changed) == [
        "refuses resources.threads", "withholds release.images",
      ])
    let table = try Study(yaml: heartSketch)
    #expect(
      try found("release: {calibration: false, replicates: true}", study: table) == [
        "withholds release.calibration"
      ])
  }

  /// `batch-size: 1` with one step sends the gradient of one patient.
  @Test func roundOfTooFewExamplesIsRefusedBeforeTheDataAreRead() throws {
    var study = study
    (study.training.batchSize, study.training.localSteps, study.training.localEpochs) = (1, 1, nil)
    let objections = SitePolicy().objections(to: study)
    #expect(
      objections.map(\.description) == [
        "refuses: release.minimum-patients: a round trains on at most 1 patient (training.local-steps 1 × training.batch-size 1), "
          + "and an update needs at least 10 behind it; ask the study lead for more local-steps, a larger batch-size, or local-epochs"
      ])
    (study.training.batchSize, study.training.localSteps) = (5, 2)
    #expect(SitePolicy().objections(to: study).isEmpty)
    study.training.localSteps = .max
    #expect(SitePolicy().objections(to: study).isEmpty)
    (study.training.batchSize, study.training.localSteps, study.training.localEpochs) = (1, nil, 1)
    #expect(SitePolicy().objections(to: study).isEmpty)
  }
}
