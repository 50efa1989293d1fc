import FederatedCore

extension SitePolicy {
  /// The conflicts between the policy and a study. The site takes part unless the effect of one of them is
  /// ``PolicyObjection/Effect/refuses``.
  ///
  /// - Parameters:
  ///   - lead: The name of the study lead; `nil` if it is not known yet.
  ///   - parameterCount: The size of the model; `nil` if it is not known yet.
  ///   - otherStudies: The number of other studies that have trained or are training on the site's data.
  ///   - patients: The number of patients in each set of the site's data; sets not known yet are left out.
  public func objections(
    to study: Study, lead: String? = nil, parameterCount: Int? = nil, otherStudies: Int = 0,
    patients: [DataPart: Int] = [:]
  ) -> [PolicyObjection] {
    acceptanceObjections(study, lead: lead, parameterCount: parameterCount, otherStudies: otherStudies)
      + resourceObjections(study) + metricObjections(study) + releaseObjections(study)
      + stepObjections(study) + patientObjections(study, patients)
  }

  /// Objects to rounds that see too few patients whatever the site's data are. Each example of a step is of
  /// one patient.
  private func stepObjections(_ study: Study) -> [PolicyObjection] {
    guard case .steps(let steps) = study.training.amount else { return [] }
    let (most, isLarge) = steps.multipliedReportingOverflow(by: study.training.batchSize)
    guard !isLarge, most < release.minimumPatients else { return [] }
    return [
      PolicyObjection(
        "release.minimum-patients", .refuses,
        "a round trains on at most \(English.count(most, "patient")) (training.local-steps \(steps) × training.batch-size "
          + "\(study.training.batchSize)), and an update needs at least \(release.minimumPatients) behind it; ask the study lead "
          + "for more local-steps, a larger batch-size, or local-epochs")
    ]
  }

  private func acceptanceObjections(
    _ study: Study, lead: String?, parameterCount: Int?, otherStudies: Int
  ) -> [PolicyObjection] {
    var found: [PolicyObjection] = []
    func refuse(_ setting: String, _ message: String) {
      found.append(PolicyObjection("accept.\(setting)", .refuses, message))
    }
    if let lead, let leads = accept.leads, !leads.contains(lead) {
      refuse(
        "leads", "studies of the study lead '\(lead)' are not accepted; accepted are \(Self.list(leads))")
    }
    let model = study.model.architecture
    if let allowed = accept.architectures, !allowed.contains(model) {
      refuse(
        "architectures",
        "the model '\(model.rawValue)' is not allowed; allowed are \(Self.list(allowed.map(\.rawValue)))")
    }
    let workflow = study.federation.workflow.name
    if let allowed = accept.workflows, !allowed.contains(workflow) {
      refuse(
        "workflows",
        "the workflow '\(workflow.rawValue)' is not allowed; allowed are \(Self.list(allowed.map(\.rawValue)))"
      )
    }
    let loss = study.training.loss
    if let allowed = accept.losses, !allowed.contains(loss) {
      refuse(
        "losses",
        "the loss '\(loss.rawValue)' is not allowed; allowed are \(Self.list(allowed.map(\.rawValue)))")
    }
    if let cut = study.federation.split?.cut, let allowed = accept.cuts, !allowed.contains(cut) {
      refuse("cuts", "the cut '\(cut)' is not allowed; allowed are \(Self.list(allowed))")
    }
    if study.federation.rounds > accept.maximumRounds {
      refuse(
        "maximum-rounds",
        "the study has \(study.federation.rounds) rounds; at most \(accept.maximumRounds) are allowed")
    }
    if let parameterCount, parameterCount > accept.maximumParameters {
      refuse(
        "maximum-parameters",
        "the model has \(parameterCount) parameters; at most \(accept.maximumParameters) are allowed")
    }
    if otherStudies >= accept.maximumStudies {
      refuse(
        "maximum-studies",
        "\(English.count(otherStudies, "study", "studies")) have already trained on these data; at most \(accept.maximumStudies) may"
      )
    }
    return found
  }

  private func resourceObjections(_ study: Study) -> [PolicyObjection] {
    guard let threads = resources.threads, study.training.threads > threads else { return [] }
    // Refuse the study instead of only limiting the threads: a different number of threads would yield a
    // different model.
    return [
      PolicyObjection(
        "resources.threads", .refuses,
        "the study trains with \(English.count(study.training.threads, "thread")); this site gives at most \(threads)"
      )
    ]
  }

  private func metricObjections(_ study: Study) -> [PolicyObjection] {
    let selects = study.evaluation.selectBestOn == .validation
    guard release.perSiteMetrics else {
      return [
        selects
          ? PolicyObjection(
            "release.per-site-metrics", .refuses,
            "the study selects its best model by each site's validation, but this site's own metrics do not leave it"
          )
          : PolicyObjection(
            "release.per-site-metrics", .withholds, "the results will lack this site's own metrics and losses"
          )
      ]
    }
    return study.evaluation.metrics.filter { !release.allows(metric: $0.rawValue) }.map { metric in
      let isNeeded = selects && metric == study.evaluation.selectMetric
      return PolicyObjection(
        "release.metrics", isNeeded ? .refuses : .withholds,
        isNeeded
          ? "the study selects its best model by '\(metric.rawValue)', which may not leave this site"
          : "the results will lack this site's '\(metric.rawValue)'")
    }
  }

  private func clipObjections(_ study: Study) -> [PolicyObjection] {
    guard let most = release.clipNorm, study.privacy.map({ $0.clipNorm > most }) ?? true else { return [] }
    let found = study.privacy.map { "clips them to \($0.clipNorm.short)" } ?? "does not clip them"
    return [
      PolicyObjection(
        "release.clip-norm", .refuses,
        "updates may leave only if the study clips them to a norm of at most \(most.short), but it \(found); ask the study lead for "
          + "privacy.clip-norm of at most \(most.short)")
    ]
  }

  /// Objects if the study needs a kind of message that may not leave the site.
  private func kindObjections(_ study: Study) -> [PolicyObjection] {
    guard let kinds = release.kinds else { return [] }
    var found: [PolicyObjection] = []
    if !kinds.contains(.update) {
      found.append(
        PolicyObjection(
          "release.kinds", .refuses, "the study trains a model together, and updates may not leave this site")
      )
    }
    if !kinds.contains(.evaluation) {
      let selects = study.evaluation.selectBestOn == .validation
      found.append(
        PolicyObjection(
          "release.kinds", selects ? .refuses : .withholds,
          selects
            ? "the study selects its best model by its sites' evaluations, which may not leave this site"
            : "the results will lack this site's evaluations"))
    }
    if study.report.statistics, !kinds.contains(.statistics) {
      found.append(
        PolicyObjection(
          "release.kinds", .withholds, "the report will lack the statistics of this site's data"))
    }
    return found
  }

  private func releaseObjections(_ study: Study) -> [PolicyObjection] {
    var found = clipObjections(study) + kindObjections(study)
    if study.evaluation.baselines.contains(.local), !release.localModels {
      found.append(
        PolicyObjection(
          "release.local-models", .refuses,
          "the study has the arm 'local', whose model is trained on this site's data alone and would leave it; ask the study lead for a "
            + "study without 'local' among its baselines"))
    }
    if study.federation.split != nil, !release.activations {
      found.append(
        PolicyObjection(
          "release.activations", .refuses,
          "in split learning the activations of every training example leave this site, and someone with similar images can rebuild much "
            + "of an image from them; this site's policy does not allow it"))
    }
    if study.report.images, !release.images {
      found.append(
        PolicyObjection("release.images", .withholds, "the report will show no image of this site's patients")
      )
    }
    if release.perSiteMetrics, study.evaluation.bootstrap.replicates > 0, !release.replicates,
      !release.intervals
    {
      found.append(
        PolicyObjection(
          "release.intervals", .withholds,
          "the results will lack confidence intervals of this site's metrics, since neither their ends nor bootstrap replicates leave it"
        ))
    }
    if study.header.task == .classification, release.perSiteMetrics, !release.calibration {
      found.append(
        PolicyObjection(
          "release.calibration", .withholds, "the results will lack this site's reliability curve"))
    }
    return found
  }

  private func patientObjections(_ study: Study, _ patients: [DataPart: Int]) -> [PolicyObjection] {
    DataPart.allCases.compactMap { part in
      guard let count = patients[part], count < release.minimumPatients else { return nil }
      // An empty set releases nothing, so it needs no objection.
      if count == 0, part != .training { return nil }
      let least = "this site requires at least \(release.minimumPatients)"
      return part == .training
        ? PolicyObjection(
          "release.minimum-patients", .refuses, "too few training patients (\(least))")
        : PolicyObjection(
          "release.minimum-patients", .withholds,
          "the results will lack this site's metrics in \(part.rawValue), which has too few patients (\(least))"
        )
    }
  }

  private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : English.list(names) }
}

extension [PolicyObjection] {
  /// Whether one of the objections keeps the site from taking part.
  public var refuse: Bool { contains { $0.effect == .refuses } }
}
