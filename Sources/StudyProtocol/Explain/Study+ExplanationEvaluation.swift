import FederatedCore

extension Study {
  var disclosureText: String {
    let sent = federation.workflow.name.descriptor.sent.words(for: "the site")
    let images =
      report.images
      ? "Images: this study permits the report to show some test images with their outlines. They carry no name, but they are patients' images."
      : "Images: the report shows none."
    return """
      Images, tables and identifiers stay where they are. In each round a site sends \(sent), the number of its training \
      examples, the mean error, and the model's results on its own validation and test \(unit.plural), as figures over all of \
      them.\(clipText)\(swarmExposure)\(splitLearningText)\(statisticsText)

      \(images)

      Model parameters are not anonymous by themselves: with effort, something about the training data can sometimes be inferred from \
      them. This study adds no noise and no encrypted summation to prevent that.
      """
  }

  /// States who sees a site's update in a swarm.
  private var swarmExposure: String {
    guard let swarm = federation.swarm else { return "" }
    let who = swarm.mergers.isEmpty ? "any site" : English.list(swarm.mergers.map(\.rawValue))
    return
      " In a swarm each member that merges sees the others' updates: in this study \(who) may merge."
  }

  /// Explains what a site states about its data before the first round.
  private var statisticsText: String {
    guard report.statistics else { return "" }
    return
      "\n\nBefore the first round, a site also sends statistics of the data elements: counts, means, quantiles and histograms, none of them "
      + "about fewer patients than the site's policy lets out together."
  }

  /// Explains what leaves a site in each step of split learning.
  private var splitLearningText: String { federation.split.map { "\n\n" + $0.disclosure } ?? "" }

  /// Explains the limit on the size of an update that leaves a site.
  private var clipText: String {
    guard let privacy else { return "" }
    return
      " Before an update leaves, the site scales it down if its length (the L2 norm over all parameters) is above \(privacy.clipNorm.short)."
  }

  var evaluationText: String {
    [splitText, metricsText, selectionText, comparisonText].joined(separator: "\n\n")
  }

  private var splitText: String {
    let whole =
      element(.group) == nil
      ? "The data name no patients: each \(unit.singular) is separate, and results are per \(unit.singular)."
      : "All records of one \(unit.singular) are in the same set, so the model is never tested on a \(unit.singular) that it was trained on."
    switch evaluation.split.method {
    case .fractions(let test, let validation):
      let rest = validation > 0 ? " and \(English.percent(validation)) for validation" : ""
      return """
        At each site, about \(English.percent(test)) of the data are set aside for the test\(rest), at random but always the same ones. \
        \(whole)
        """
    case .assigned(let name, let test, let validation):
      let codes = element(named: name)?.values ?? []
      let labels = { (wanted: [String]) in
        English.list(codes.filter { wanted.contains($0.code) }.map { "'\($0.label)'" })
      }
      let rest = validation.isEmpty ? "" : " and \(labels(validation)) for validation"
      return
        "The data themselves state which records test the model: those marked \(labels(test)) in '\(name)' are set aside for the test\(rest). \(whole)"
    }
  }

  private var metricsText: String {
    "The following are measured on these data:\n\n"
      + evaluation.metrics.map { "- \($0.descriptor(of: unit).meaning)" }.joined(separator: "\n")
      + (aggregationText.map { "\n\n" + $0 } ?? "")
  }

  private var aggregationText: String? {
    guard aggregatesExamples else { return nil }
    let examples = takesSlices ? "slices" : "records"
    let score = evaluation.aggregation == .mean ? "the mean" : "the highest"
    switch header.task {
    case .segmentation: return nil
    case .classification:
      return
        "Results are per \(unit.singular): its score is \(score) of those of its \(examples). With two classes, it has the finding if any of them has it; with more, it has the most frequent class among them."
    case .survival:
      return "Results are per \(unit.singular): its risk is \(score) of those of its \(examples)."
    }
  }

  private var selectionText: String {
    let stop = evaluation.earlyStopping.map {
      let gain =
        "\(English.count($0.patience, "evaluation")) in a row \($0.patience == 1 ? "brings" : "bring") no improvement"
      let half = evaluation.selectBestOn == .validation ? "" : " in the second half of the rounds"
      return
        " Training stops early when \(gain)\(half), on at least \(SmallNumbers.selection) validation \(unit.plural) of all sites; with fewer, it never stops early."
    }
    return choiceText + (stop ?? "")
  }

  private var choiceText: String {
    switch evaluation.selectBestOn {
    case .validation:
      return
        "The model of the round that does best on the sites' validation data is the result; the test data play no part in it. With fewer than \(SmallNumbers.selection) validation \(unit.plural) of all sites the best round is mostly chance."
    case .auto where hasValidationPart:
      return
        "The model of the last round is the result, unless the sites have at least \(SmallNumbers.selection) validation \(unit.plural) together. Then the result is the latest round of the second half whose score on them is within one standard error of the best; scores are averaged over three evaluations and weighted by \(unit.plural). The test data play no part in it."
    case .auto, .last: return "The model of the last round is the result."
    }
  }

  /// States the smallest number of cases for a confidence interval of the study's metrics.
  private var casesText: String {
    switch header.task {
    case .classification where evaluation.metrics.contains(.auc) || evaluation.selectMetric == .auc:
      ", none for an AUC with fewer than \(SmallNumbers.cases) of one class"
    case .survival: " or of fewer than \(SmallNumbers.cases) with the event"
    default: ""
    }
  }

  private var comparisonText: String {
    let others = evaluation.baselines.map {
      $0 == .local
        ? "what each site reaches alone"
        : "what one model reaches with all data in one place, if that is possible"
    }
    let comparison = others.isEmpty ? "" : " The common model is compared with \(English.list(others))."
    let intervals =
      evaluation.bootstrap.replicates > 0
      ? " Figures come with \(English.percent(evaluation.bootstrap.confidence)) confidence intervals, from \(evaluation.bootstrap.replicates) resamples of a site's test \(unit.plural); there are none for fewer than \(SmallNumbers.interval)\(casesText), and none if the site's policy withholds them. Sites may send the ends of their own intervals instead of the resamples; across sites these are combined as independent normal errors."
      : ""
    return
      "Every model is tested on the test data of every site, and the report shows each result separately, so that each site sees what it gains.\(comparison)\(intervals)"
  }
}
