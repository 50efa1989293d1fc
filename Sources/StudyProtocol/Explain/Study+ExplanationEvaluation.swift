extension Study {
  var disclosureText: String {
    let sent =
      federation.workflow.name == .cyclic
      ? "the model as the site has trained it" : "what training has changed in the model's parameters"
    let images =
      report.images
      ? "Images: this study permits the report to show some test images with their outlines. They carry no name, but they are patients' images."
      : "Images: the report shows none."
    return """
      Images, tables and identifiers stay where they are. In each round a site sends \(sent), the number of its training \
      examples, the mean error, and how well the model does on its own validation and test patients, as figures over all of them.

      \(images)

      Model parameters are not anonymous by themselves: with effort, something about the training data can sometimes be told from \
      them. This study adds no noise and no encrypted summation to prevent that.
      """
  }

  var evaluationText: String {
    [splitText, metricsText, selectionText, comparisonText].joined(separator: "\n\n")
  }

  private var splitText: String {
    let whole =
      evaluation.split.by.map {
        "All records of one \($0) are in the same part, so the model is never tested on a \($0) that it was trained on."
      } ?? "Each record counts as another patient."
    switch evaluation.split.method {
    case .fractions(let test, let validation):
      let rest = validation > 0 ? " and \(English.percent(validation)) for validation" : ""
      return """
        At each site, \(English.percent(test)) of the data are set aside for the test\(rest), at random but always the same ones. \
        \(whole)
        """
    case .assigned(let name, let test, let validation):
      let codes = element(named: name)?.values ?? []
      let labels = { (wanted: [String]) in
        English.list(codes.filter { wanted.contains($0.code) }.map { "'\($0.label)'" })
      }
      let rest = validation.isEmpty ? "" : " and \(labels(validation)) for validation"
      return
        "The data say themselves which records test the model: those marked \(labels(test)) in '\(name)' are set aside for the test\(rest). \(whole)"
    }
  }

  private var metricsText: String {
    "On these data are measured:\n\n"
      + evaluation.metrics.map { "- \(Self.words(for: $0))" }.joined(separator: "\n")
  }

  private static func words(for metric: Metric) -> String {
    switch metric {
    case .dice: "the Dice overlap of outline and truth (1 is perfect), per patient"
    case .hausdorff95: "the 95 % Hausdorff distance between the two surfaces, in mm (0 is perfect)"
    case .auc: "the area under the ROC curve (0.5 is chance, 1 is perfect)"
    case .balancedAccuracy: "the balanced accuracy, the mean share of each class that is recognised"
    case .f1: "the F1 score"
    case .calibration:
      "the calibration error, how far stated probabilities are from observed frequencies (0 is perfect)"
    case .cIndex:
      "the concordance index, how often the patient at higher risk has the earlier event (0.5 is chance, 1 is perfect)"
    case .accuracy: "the accuracy"
    }
  }

  private var selectionText: String {
    let stop = evaluation.earlyStopping.map {
      " Training stops early when \(English.count($0.patience, "evaluation")) in a row \($0.patience == 1 ? "brings" : "bring") no gain."
    }
    let choice =
      evaluation.selectBestOn == .validation
      ? "The model of the round that does best on the sites' validation data is the result; the test data have no say in it."
      : "The model of the last round is the result."
    return choice + (stop ?? "")
  }

  private var comparisonText: String {
    let others = evaluation.baselines.map {
      $0 == .local
        ? "what each site reaches alone"
        : "what one model reaches with all data in one place, where that is possible"
    }
    let comparison = others.isEmpty ? "" : " The common model is compared with \(English.list(others))."
    let intervals =
      evaluation.bootstrap.replicates > 0
      ? " Every figure comes with its \(English.percent(evaluation.bootstrap.confidence)) confidence interval, from \(evaluation.bootstrap.replicates) resamples of the test data."
      : ""
    return
      "Every model is tested on the test data of every site, and the report gives each result by itself, so that a site sees what it gains.\(comparison)\(intervals)"
  }
}
