/// Checks that each section of a study is consistent in itself and with all other sections.
///
/// Each of the files next to this file checks one section.
struct StudyCheck {
  let study: Study
  let log: FaultLog

  func run() {
    checkElements()
    checkRoles()
    checkPreprocessing()
    checkAugmentation()
    checkModel()
    checkTraining()
    checkFederation()
    checkEvaluation()
    checkPrivacy()
  }

  var task: Study.Task { study.header.task }

  /// The key path of the first element with a role.
  func path(of role: CommonDataElement.Role) -> String {
    study.elements.firstIndex { $0.role == role }.map { "elements[\($0)]" } ?? "elements"
  }

  /// Adds an error for each of these keys that the section sets although it has no effect in this study.
  func refuse(_ keys: [String], in section: String, because reason: String, with others: String) {
    for key in keys where log.has("\(section).\(key)") && !isEmptyOrDefault("\(section).\(key)") {
      log.contradiction(reason, at: "\(section).\(key)", with: others)
    }
  }

  /// Whether the key is empty or has its default value. Such a key is not an error, since canonical JSON
  /// writes inapplicable keys, too.
  private func isEmptyOrDefault(_ path: String) -> Bool {
    switch path {
    case "model.channels": study.model.channels.isEmpty
    case "model.strides": study.model.strides.isEmpty
    case "model.hidden": study.model.hidden.isEmpty
    case "model.residual-units": study.model.residualUnits == 0
    case "model.norm": study.model.norm == .batch
    case "model.dropout": study.model.dropout == 0
    case "training.optimizer.momentum": study.training.optimizer.momentum == 0
    case "training.optimizer.nesterov": !study.training.optimizer.nesterov
    case "training.optimizer.betas": study.training.optimizer.betas == [0.9, 0.999]
    case "training.ties": study.training.ties == .breslow
    case "training.dice-over": study.training.diceOver == .example
    case "federation.weighting": study.federation.weighting == .samples
    case "federation.workflow.order": study.federation.workflow.order == .fixed
    default: false
    }
  }
}
