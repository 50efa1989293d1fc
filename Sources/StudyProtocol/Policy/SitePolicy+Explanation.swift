extension SitePolicy {
  /// Explains the policy in plain English, for the person responsible for the site's data.
  public func explanation() -> StudyExplanation {
    StudyExplanation(sections: [
      .init(title: "Which studies this site takes part in", text: acceptanceText),
      .init(title: "What may leave this site", text: releaseText),
      .init(title: "When and with what it trains", text: resourcesText),
    ])
  }

  private var acceptanceText: String {
    let any = "any that the program supports"
    let names = { (names: [String]?, all: String) in
      names.map { $0.isEmpty ? "none" : English.list($0) } ?? all
    }
    return """
      - Proposed by: \(names(accept.leads, "any study lead with a certificate of the consortium")).
      - Models: \(names(accept.architectures?.map(\.rawValue), any)), of at most \(accept.maximumParameters) parameters.
      - Workflows: \(names(accept.workflows?.map(\.rawValue), any)), of at most \(English.count(accept.maximumRounds, "round")).
      - Losses: \(names(accept.losses?.map(\.rawValue), any)).\(cutsText)
      - At most \(English.count(accept.maximumStudies, "study", "studies")) in all may train on these data.
      """
  }

  private var releaseText: String {
    let metrics =
      release.metrics.map { $0.isEmpty ? "no metric" : English.list($0.map(\.rawValue)) } ?? "every metric"
    let leaves = { (isAllowed: Bool, what: String) in "- \(what): \(isAllowed ? "may leave" : "stay here")." }
    let own =
      release.perSiteMetrics
      ? "- Of the metrics that a study asks for, \(metrics) may leave, and the mean error, as figures over all patients of a set."
      : "- Neither metrics nor mean errors of this site leave it."
    return """
      Images, tables and identifiers never leave for training, whatever this policy says. The changes that training makes to the model's \
      parameters do; they are not anonymous by themselves.

      - No count, mean or metric based on fewer than \(English.count(release.minimumPatients, "patient")) leaves the site.\(similarText)
      \(own)\(clipText)\(kindsText)
      \(leaves(release.calibration && release.perSiteMetrics, "Reliability curves, ROC curves at fixed thresholds and confusion matrices"))
      \(leaves(release.intervals && release.perSiteMetrics, "The ends of confidence intervals, computed here"))
      \(leaves(release.replicates && release.perSiteMetrics, "Bootstrap replicates, from which others can compute intervals"))
      \(leaves(release.localModels, "A model trained on this site's data alone, if a study has the arm 'local'"))
      \(leaves(release.activations, "The activations of split learning, in every step a picture-like map of each training image"))
      \(leaves(release.images, "Patients' images in the panels of a report, if the study shows any"))
      """
  }

  private var cutsText: String {
    guard let cuts = accept.cuts else { return "" }
    return "\n- Split learning: cut at \(cuts.isEmpty ? "no place" : English.list(cuts, "or"))."
  }

  private var similarText: String {
    guard release.minimumPatients > 1 else { return "" }
    return
      " Nor do numbers about a set of patients that differs by fewer from one about which numbers have already left."
  }

  private var clipText: String {
    guard let most = release.clipNorm else { return "" }
    return
      "\n- Updates leave only in studies that clip their length (the L2 norm over all parameters) to at most \(most.short)."
  }

  private var kindsText: String {
    guard let kinds = release.kinds else { return "" }
    let allowed =
      kinds.isEmpty
      ? "No message leaves" : "Only messages of these kinds leave: \(English.list(kinds.map(\.rawValue)))"
    return "\n- \(allowed)."
  }

  private var resourcesText: String {
    let hours =
      hours.windows.isEmpty
      ? "at any time" : English.list(hours.windows.map(\.words), "and") + ", by this machine's clock"
    let threads =
      resources.threads.map { "at most \(English.count($0, "thread"))" }
      ?? "as many threads as the study asks for"
    let rate =
      resources.uploadRate.map { "at most \($0) bytes per second" } ?? "as fast as the connection allows"
    return """
      Training runs \(hours), on the device '\(resources.device)', with \(threads). Updates are sent \(rate).
      """
  }
}

extension TrainingHours.Window {
  /// The window in words: `from 18:00 to 07:00 of the next day on mon and fri`.
  fileprivate var words: String {
    let hours = description.split(separator: " ").last.map(String.init) ?? ""
    let ends = hours.split(separator: "-").map(String.init)
    let days =
      self.days.count == Day.allCases.count
      ? "" : " on " + English.list(Day.allCases.filter(self.days.contains).map(\.rawValue))
    return "from \(ends.first ?? "") to \(ends.last ?? "")\(passesMidnight ? " of the next day" : "")\(days)"
  }
}
