import TestSupport

/// Studies for the tests of this module.
enum StudyText {
  /// A classification of table rows with local and federated arms, three rounds.
  static func clinic(sites: String = "{}") -> String {
    var study = ClinicStudy()
    study.hasAge = false
    study.optimizer = "{name: sgd, learning-rate: 0.05}"
    study.localEpochs = 2
    study.sites = sites
    study.metrics = "[accuracy]"
    study.selection = "last"
    study.evaluation = ["baselines: [local]"]
    return study.text
  }
}
