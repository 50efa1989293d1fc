/// The title of an arm on pages and in sentences. Tables of terminals and files use the name as on the
/// command line.
package enum ArmTitle {
  private static let titles = [
    "local": "Local", "pooled": "Pooled", "pooled-steps": "Pooled, equal steps",
    "pooled-passes": "Pooled, equal passes", "fedavg": "FedAvg", "fedprox": "FedProx", "fedadam": "FedAdam",
    "scaffold": "SCAFFOLD", "median": "Median", "cyclic": "Cyclic",
    // The work of a federation besides its arms.
    "rehearsal": "Rehearsal", "tests": "Final evaluation",
  ]

  /// `FedAvg` for `fedavg`, `Local: DU` for the model `local-DU` or `local DU`; the name itself if it has no
  /// title.
  ///
  /// - Parameter site: the title of a site by its code; the code itself unless given.
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
