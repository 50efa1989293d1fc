/// The name of an arm on pages and in commands, as in reports.
public enum ArmName {
  /// `FedAvg` for `fedavg`, `Local: DU` for `local-DU`; an unknown code is returned unchanged.
  public static func text(_ arm: String) -> String {
    if let title = titles[arm] { return title }
    for separator in ["local-", "local "] where arm.hasPrefix(separator) {
      return "Local: \(arm.dropFirst(separator.count))"
    }
    return arm
  }

  private static let titles = [
    "local": "Local", "pooled": "Pooled", "fedavg": "FedAvg", "fedprox": "FedProx", "fedadam": "FedAdam",
    "scaffold": "SCAFFOLD", "median": "Median", "cyclic": "Cyclic",
    "rehearsal": "Rehearsal", "tests": "Final evaluation",
  ]
}
