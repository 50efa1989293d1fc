import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import StudyProtocol

/// Combines the outcomes of a study's run into the results that the report shows.
public struct ResultsBuilder: Sendable {
  /// A site of the study, with counts that describe its data.
  public struct Site: Sendable {
    public var id: SiteID
    public var title: String?
    /// The sets of the site's data; empty for a site that does not take part.
    public var parts: [SessionDescription.Part]

    public init(id: SiteID, title: String? = nil, parts: [SessionDescription.Part]) {
      self.id = id
      self.title = title
      self.parts = parts
    }
  }

  public var study: Study
  /// The arms in the order of the report.
  public var arms: [String]
  public var sites: [Site]
  /// The findings in the sites' data.
  public var findings: [DataFinding]
  /// The sites that do not take part, with the reasons.
  public var excluded: [DroppedSite]
  public var environment: EnvironmentRecord
  public var isGenerated: Bool
  public var setting: RunSetting
  /// The parts of the results that the sites' policies withhold.
  public var withheld: [WithheldRecord]

  public init(
    study: Study, arms: [String], sites: [Site], findings: [DataFinding], excluded: [DroppedSite],
    environment: EnvironmentRecord, isGenerated: Bool, setting: RunSetting, withheld: [WithheldRecord] = []
  ) {
    self.study = study
    self.arms = arms
    self.sites = sites
    self.findings = findings
    self.excluded = excluded
    self.environment = environment
    self.isGenerated = isGenerated
    self.setting = setting
    self.withheld = withheld
  }

  public func results(
    of tested: [TestedModel], failed: [(plan: ArmPlan, error: ConsiliumError)], panels: [PanelImage] = []
  ) throws -> StudyResults {
    let models = withReplicates(tested)
    var results = StudyResults(
      study: try header(), status: status(models, failed), sites: sites.map(summary),
      arms: arms.compactMap { arm($0, of: models.filter { [arm = $0] in $0.plan.group == arm }) },
      panels: panels,
      findings: findings.map {
        ReportedFinding(
          severity: $0.severity == .error ? .error : .warning, site: $0.site, element: $0.element,
          records: $0.records, message: $0.message)
      },
      dropped: dropped(models), environment: environment, setting: setting)
    results.withheld = withheld.isEmpty ? nil : withheld
    results.cautions = ResultCautions(results).all + study.cautions(for: partCounts)
    return results
  }

  /// The models. For sites that withhold their replicates, replicates are generated from the sites'
  /// intervals.
  private func withReplicates(_ models: [TestedModel]) -> [TestedModel] {
    let bootstrap = study.evaluation.bootstrap
    let maker = SiteReplicates(
      seed: study.header.seed, count: bootstrap.replicates, confidence: bootstrap.confidence)
    var models = models
    for site in sites.map(\.id) {
      let tests = models.compactMap { model in
        model.test.first { $0.site == site }.map { (model.model.digest, $0.evaluation) }
      }
      let filled = maker.fill(Dictionary(tests) { first, _ in first }, of: site)
      for index in models.indices {
        guard let place = models[index].test.firstIndex(where: { $0.site == site }),
          let evaluation = filled[models[index].model.digest]
        else { continue }
        models[index].test[place].evaluation = evaluation
      }
    }
    return models
  }

  private var partCounts: [PartCount] {
    sites.flatMap { site in
      site.parts.map { PartCount(site: site.id, part: $0.part, units: $0.patients) }
    }
  }

  private var required: Set<SiteID> { study.requiredSites(of: sites.map(\.id)) }

  private func header() throws -> StudyHeader {
    let select = study.evaluation.selectMetric
    let metrics = [select] + study.evaluation.metrics.filter { $0 != select }
    return StudyHeader(
      name: study.header.name, version: study.header.version, title: study.header.title.onOneLine,
      task: study.header.task.rawValue, digest: try study.digest(), explanation: study.explanation().prose,
      metrics: metrics.map(\.rawValue),
      classNames: study.element(.target)?.values.map(\.label.onOneLine) ?? [],
      confidence: study.evaluation.bootstrap.confidence, isGenerated: isGenerated, unit: study.unit,
      asksForIntervals: study.evaluation.bootstrap.replicates > 0)
  }

  /// The status of the run: partial if an arm failed because a site was missing. The message names the first
  /// such arm.
  private func status(_ models: [TestedModel], _ failed: [(plan: ArmPlan, error: ConsiliumError)])
    -> RunStatus
  {
    guard let first = failed.first else { return .finished }
    let contributed = Set(models.flatMap { $0.records.last?.contributions.map(\.site) ?? [] })
    return .partial(missing: required.subtracting(contributed).sorted(), reason: first.error.message)
  }

  private func summary(_ site: Site) -> SiteSummary {
    SiteSummary(
      site: site.id, title: site.title?.onOneLine, isRequired: required.contains(site.id),
      parts: site.parts.map { .init(part: $0.part, patients: $0.patients, examples: $0.examples) })
  }

  private func dropped(_ models: [TestedModel]) -> [DroppedRecord] {
    excluded.map { DroppedRecord(site: $0.site, reason: $0.reason) }
      + models.flatMap { model in
        model.records.flatMap { record in
          record.dropped.map {
            DroppedRecord(site: $0.site, arm: model.plan.name, round: record.round, reason: $0.reason)
          }
        }
      }
  }

  // MARK: Arms

  private func arm(_ name: String, of models: [TestedModel]) -> ArmResults? {
    guard let first = models.first else { return nil }
    let records = models.flatMap(\.records)
    return ArmResults(
      name: name, kind: first.plan.kind, summary: first.plan.summary, rounds: rounds(of: models),
      models: models.map(model),
      stepCount: records.flatMap(\.contributions).reduce(0) { $0 + $1.summary.stepCount },
      seconds: records.reduce(0) { $0 + $1.seconds }, stepsInSequence: stepsInSequence(of: models),
      passes: passes(of: records))
  }

  /// The number of optimizer steps that must follow one another. The steps of sites that train in turn are
  /// added. Of sites or local models that train side by side, only the largest number of steps is included.
  private func stepsInSequence(of models: [TestedModel]) -> Int {
    models.map { model in
      model.records.reduce(0) { sum, record in
        let steps = record.contributions.map(\.summary.stepCount)
        let isRing = model.plan.workflow.name.descriptor.exchange == .ring
        return sum + (isRing ? steps.reduce(0, +) : steps.max() ?? 0)
      }
    }.max() ?? 0
  }

  /// The number of passes over the training data; `nil` if nothing was trained.
  private func passes(of records: [RoundRecord]) -> Double? {
    let contributions = records.flatMap(\.contributions)
    let examples = Dictionary(contributions.map { ($0.site, $0.summary.exampleCount) }, uniquingKeysWith: max)
    let steps = Dictionary(contributions.map { ($0.site, $0.summary.stepCount) }, uniquingKeysWith: +)
    let sites = examples.keys.sorted().filter { (examples[$0] ?? 0) > 0 }
    guard !sites.isEmpty else { return nil }
    return ArmPlan.passes(
      steps: sites.map { steps[$0] ?? 0 }, examples: sites.map { examples[$0] ?? 0 },
      batchSize: max(study.training.batchSize, 1))
  }

  /// The rounds of all models of an arm, combined by round number. In the local arm, each site's model has
  /// separate rounds.
  private func rounds(of models: [TestedModel]) -> [RoundResults] {
    let records = Dictionary(grouping: models.flatMap(\.records), by: \.round)
    return records.keys.sorted().map { round in
      let records = records[round] ?? []
      return RoundResults(
        round: round,
        training: records.flatMap(\.contributions).map {
          .init(site: $0.site.rawValue == ArmPlan.pooledName ? nil : $0.site, summary: $0.summary)
        },
        validation: records.flatMap(\.validation).map {
          SiteResult(site: $0.site, evaluation: $0.evaluation)
        })
    }
  }

  private func model(_ tested: TestedModel) -> ModelResults {
    var site: SiteID?
    if case .local(let only) = tested.plan.members { site = only }
    let last = tested.records.last
    return ModelResults(
      site: site, digest: tested.model.digest, file: "models/" + tested.model.file.lastPathComponent,
      parameterCount: tested.model.parameterCount,
      selectedRound: last?.selection.bestRound ?? last?.round ?? 0, test: tested.test,
      choice: last.map { $0.selection.choice(lastRound: $0.round) },
      together: tested.together)
  }
}

extension ArmPlan {
  /// A description of the arm in one sentence, for the report.
  fileprivate var summary: String {
    switch members {
    case .local: "Each site trains a model on its own data alone."
    case .pooled where pooledAmount == .equalSteps:
      "One model is trained on all sites' data in one place, with as many optimizer steps in a round as a site takes on average."
    case .pooled where pooledAmount == .equalPasses:
      "One model is trained on all sites' data in one place, with as many passes over them in a round as the sites make over their own."
    case .pooled:
      "One model is trained on all sites' data in one place; possible here only because this is a simulation."
    case .federated where way == .swarm:
      workflow.name.descriptor.summary
        + " There is no server: in each round one of the sites combines the updates, and others check it."
    case .federated: workflow.name.descriptor.summary
    case .ensemble(.mean):
      "The sites' own models predict together: the mean of their probabilities. Nothing is trained."
    case .ensemble(.majority):
      "The sites' own models predict together: the class with the most votes in each place. Nothing is trained."
    case .ensemble(.staple):
      "The sites' own models predict together: the most probable mask, given the models' masks and how reliable each of them seems (STAPLE). Nothing is trained."
    }
  }
}
