/// The study of most tests. Its model predicts a disease from the marker in a patient's table row and, if
/// `hasAge` is set, from the age.
///
/// Properties of type `String` are copied into the study file as they are.
public struct ClinicStudy: Sendable {
  public var seed = 7
  /// Whether age is an input in addition to the marker.
  public var hasAge = true
  /// The name of the file of initial weights; `nil` if the weights are drawn from the seed.
  public var initialWeights: String?
  public var hidden = "[4]"
  /// Further lines of the section `training`, such as `gradient-clip: 0.1`.
  public var training: [String] = []
  public var optimizer = "{name: adam, learning-rate: 0.05}"
  public var localEpochs = 1
  public var workflow = "fedavg"
  public var rounds = 3
  public var sites = "{}"
  public var metrics = "[auc, accuracy]"
  /// The rule that selects the round whose model is the result: `validation` or `last`.
  public var selection = "validation"
  /// Further lines of the section `evaluation`, such as `every: 2`.
  public var evaluation: [String] = []
  public var report = "{}"
  public var privacy = "{}"

  public init() {}

  public var text: String {
    let age = "\n  - {name: age, kind: number, role: input, unit: year, range: [0, 120]}"
    let weights = initialWeights.map { ", initial-weights: \($0)" } ?? ""
    return """
      study: {name: clinic, version: 1, title: Disease from two findings, task: classification, seed: \(seed)}
      elements:
        - {name: patient, kind: identifier, role: group}\(hasAge ? age : "")
        - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
        - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
      preprocessing: [{standardise: {method: range, using: elements}}]
      model: {architecture: mlp, hidden: \(hidden)\(weights)}
      training:
        loss: cross-entropy
        optimizer: \(optimizer)
        batch-size: 4
        local-epochs: \(localEpochs)
      \(training.map { "  \($0)\n" }.joined())federation: {workflow: \(workflow), rounds: \(rounds), sites: \(sites)}
      evaluation:
        metrics: \(metrics)
        split: {by: patient, test: 0.3, validation: 0.2}
        select-best-on: \(selection)
      \(evaluation.map { "  \($0)\n" }.joined())report: \(report)
      privacy: \(privacy)

      """
  }
}
