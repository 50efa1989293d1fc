extension SitePolicy {
  /// Explains in plain English what would leave the site in a study under this policy.
  public func leaving(_ study: Study) -> StudyExplanation {
    StudyExplanation(sections: [.init(title: "What would leave this site", text: leavingText(study))])
  }

  private func leavingText(_ study: Study) -> String {
    let sent = study.federation.workflow.name.descriptor.sent.words(for: "this site")
    let loss = release.perSiteMetrics ? ", how long it took, and the mean loss" : " and how long it took"
    let least = English.count(release.minimumPatients, "patient")
    let never = "Never an image, a row of a table or an identifier."
    return """
      - In each round: \(sent), the number of training examples\(loss).\(activationsText(study))\(localText(study))
      \(resultsText(study))
      - Before it begins: the number of patients and examples in each set of the data, if it is at least \(least), the \
      rules of the common data elements that the data break, and this machine's processor, memory, free disk, clock and versions.

      \(study.federation.split == nil ? never : Self.neverInSplit) The changes can still reveal something about the data from which they were made.
      """
  }

  private static let neverInSplit = "Never an image file, a row of a table, a label or an identifier."

  /// Explains what leaves the site in each step of split learning; empty in other studies.
  private func activationsText(_ study: Study) -> String {
    guard let split = study.federation.split else { return "" }
    let forbidden =
      release.activations
      ? "" : " This site's policy forbids that (release.activations), so it refuses the study."
    return "\n- \(split.disclosure)\(forbidden)"
  }

  /// Explains which models leave the site in the arm `local`; empty if the study does not have this arm.
  private func localText(_ study: Study) -> String {
    guard study.evaluation.baselines.contains(.local) else { return "" }
    let forbidden =
      release.localModels
      ? "" : " This site's policy forbids that (release.local-models), so it refuses the study."
    return
      "\n- A model trained on this site's data alone, in each round and at the end: the study has the arm 'local'. The coordinator keeps "
      + "it, every other site receives it to test it on its own patients, and it is among the results that the study lead, operators and "
      + "observers may fetch. Such a model reveals more about this site's patients than one trained with other sites.\(forbidden)"
  }

  private func resultsText(_ study: Study) -> String {
    let names = study.evaluation.metrics.map(\.rawValue).filter { release.allows(metric: $0) }
    guard release.perSiteMetrics else {
      return "- Results on this site's patients: only their number."
    }
    let when =
      study.validatesRounds
      ? "on all its validation patients in each round, and on all its test patients at the end"
      : "on all its test patients at the end"
    let curve =
      study.header.task == .classification && release.calibration
      ? " The reliability curve: stated against observed frequencies." : ""
    let resamples =
      study.evaluation.bootstrap.replicates > 0 && release.replicates
      ? " The same of \(study.evaluation.bootstrap.replicates) resamples of the test \(study.unit.plural)."
      : ""
    let intervals =
      study.evaluation.bootstrap.replicates > 0 && release.intervals && !release.replicates
      ? " The ends of the confidence intervals of the test results and of the differences between models."
      : ""
    return
      "- Results of the models \(when): \(English.list(names + ["the mean loss"])).\(curve)\(resamples)\(intervals)"
  }
}
