/// How pages name an arm of a run; terminals and files keep the name that the command line takes.
package enum ArmTitle {
  private static let titles = [
    "local": "Local", "pooled": "Pooled", "pooled-steps": "Pooled, equal steps",
    "pooled-passes": "Pooled, equal passes", "fedavg": "FedAvg", "fedprox": "FedProx", "fedadam": "FedAdam",
    "scaffold": "SCAFFOLD", "median": "Median", "cyclic": "Cyclic",
  ]

  /// `FedAvg` for `fedavg`; the name itself if there is no title for it.
  package static func text(_ name: String) -> String { titles[name] ?? name }
}

extension ArmResults {
  /// As pages name the arm.
  package var title: String { ArmTitle.text(name) }
}
