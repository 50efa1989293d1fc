/// The titles of arms on pages and in sentences. Tables in terminals and files use the name as on the command
/// line.
package enum ArmTitle {
  private static let titles = [
    "local": "Local", "pooled": "Pooled", "pooled-steps": "Pooled, equal steps",
    "pooled-passes": "Pooled, equal passes", "fedavg": "FedAvg", "fedprox": "FedProx", "fedadam": "FedAdam",
    "scaffold": "SCAFFOLD", "median": "Median", "cyclic": "Cyclic",
    "swarm": "Swarm",
    "ensemble": "Ensemble", "ensemble-staple": "Ensemble, STAPLE",
    // Include the internal arms of a federation.
    "rehearsal": "Rehearsal", "tests": "Final evaluation",
  ]

  /// The title of an arm or a model: `FedAvg` for `fedavg`, `Local: DU` for the model `local-DU` or
  /// `local DU`; the name itself if it has no title.
  ///
  /// - Parameter site: Returns the title of a site for its code; by default, the code itself.
  package static func text(_ name: String, site: (String) -> String = { $0 }) -> String {
    if let title = titles[name] { return title }
    for separator in ["local-", "local "] where name.hasPrefix(separator) {
      return "Local: \(site(String(name.dropFirst(separator.count))))"
    }
    return name
  }
}

extension ArmResults {
  /// The arm's title on pages.
  package var title: String { ArmTitle.text(name) }
}
