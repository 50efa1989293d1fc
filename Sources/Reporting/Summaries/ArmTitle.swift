/// The title of an arm on pages. Terminals and files use the name as on the command line.
package enum ArmTitle {
  private static let titles = [
    "local": "Local", "pooled": "Pooled", "pooled-steps": "Pooled, equal steps",
    "pooled-passes": "Pooled, equal passes", "fedavg": "FedAvg", "fedprox": "FedProx", "fedadam": "FedAdam",
    "scaffold": "SCAFFOLD", "median": "Median", "cyclic": "Cyclic",
  ]

  /// `FedAvg` for `fedavg`; the name itself if it has no title.
  package static func text(_ name: String) -> String { titles[name] ?? name }
}

extension ArmResults {
  /// The arm's title on pages.
  package var title: String { ArmTitle.text(name) }
}
