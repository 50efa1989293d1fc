/// Studies for the tests of this module.
enum StudyText {
  /// A classification of table rows with local and federated arms, three rounds.
  static func clinic(sites: String = "{}") -> String {
    """
    study: {name: clinic, version: 1, title: Disease from two findings, task: classification, seed: 7}
    elements:
      - {name: patient, kind: identifier, role: group}
      - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
      - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
    preprocessing: [{standardise: {method: range, using: elements}}]
    model: {architecture: mlp, hidden: [4]}
    training:
      loss: cross-entropy
      optimizer: {name: sgd, learning-rate: 0.05}
      batch-size: 4
      local-epochs: 2
    federation: {workflow: fedavg, rounds: 3, sites: \(sites)}
    evaluation:
      metrics: [accuracy]
      split: {by: patient, test: 0.3, validation: 0.2}
      select-best-on: last
      baselines: [local]

    """
  }
}
