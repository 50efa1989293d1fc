import FederatedCore

/// The number of units of analysis, such as patients, in a site's training, validation or test set.
public struct PartCount: Sendable, Equatable {
  public var site: SiteID
  public var part: DataPart
  public var units: Int
  /// The number of units of each class, in the order of the classes; `nil` if unknown.
  public var classes: [Int]?

  public init(site: SiteID, part: DataPart, units: Int, classes: [Int]? = nil) {
    self.site = site
    self.part = part
    self.units = units
    self.classes = classes
  }
}

extension Study {
  /// The cautions about sets that are too small for the study; empty if there are none.
  ///
  /// - Parameter counts: the counts of the participating sites. With a single site, cautions about validation
  ///   concern only that site, just as in its local arm.
  public func cautions(for counts: [PartCount]) -> [Caution] {
    guard !counts.isEmpty else { return [] }
    return [validationCaution(counts), intervalCaution(counts), testCaution(counts)].compactMap(\.self)
      + classCautions(counts)
  }

  private func validationCaution(_ counts: [PartCount]) -> Caution? {
    guard validatesRounds else { return nil }
    let parts = counts.filter { $0.part == .validation }
    let total = parts.reduce(0) { $0 + $1.units }
    guard total < SmallNumbers.selection else { return nil }
    let sites = English.count(Set(parts.map(\.site)).count, "site")
    let size = "\(unit.count(total)) in validation at \(sites): fewer than \(SmallNumbers.selection)"
    var uses: [String] = []
    switch evaluation.selectBestOn {
    case .validation:
      uses.append(
        "the round that they select is mostly chance; set select-best-on to auto or last, or enlarge the validation set"
      )
    case .auto: uses.append("the model of the last round is the result")
    case .last: break
    }
    if evaluation.earlyStopping != nil { uses.append("training does not stop early") }
    return Caution(.fewValidation, message: "\(size), so \(uses.joined(separator: ", and ")).")
  }

  private func intervalCaution(_ counts: [PartCount]) -> Caution? {
    guard evaluation.bootstrap.replicates > 0 else { return nil }
    let few = counts.filter { $0.part == .test && $0.units < SmallNumbers.interval }
    guard !few.isEmpty else { return nil }
    return Caution(
      .noInterval, sites: few.map(\.site),
      message:
        "Fewer than \(unit.count(SmallNumbers.interval)) in test at \(English.list(few.map(Self.text))): results there have no interval, and neither does a mean over sites that includes one of them."
    )
  }

  private func testCaution(_ counts: [PartCount]) -> Caution? {
    let few = counts.filter {
      $0.part == .test && (SmallNumbers.interval..<SmallNumbers.test).contains($0.units)
    }
    guard !few.isEmpty else { return nil }
    return Caution(
      .fewTest, sites: few.map(\.site),
      message:
        "Fewer than \(unit.count(SmallNumbers.test)) in test at \(English.list(few.map(Self.text))): intervals there are wide, and a difference between two models must be large to show."
    )
  }

  private func classCautions(_ counts: [PartCount]) -> [Caution] {
    guard header.task == .classification, let labels = element(.target)?.values.map(\.label) else {
      return []
    }
    return counts.compactMap { count in
      guard let classes = count.classes, classes.count == labels.count, count.units > 0 else { return nil }
      let few = zip(labels, classes).filter { $0.1 < SmallNumbers.perClass }
      guard !few.isEmpty, count.part != .training || few.contains(where: { $0.1 == 0 }) else { return nil }
      let missing = few.filter { $0.1 == 0 }.map { "'\($0.0)'" }
      let said =
        missing.isEmpty
        ? "few \(unit.plural) of \(English.list(few.map { "'\($0.0)' (\($0.1))" }))"
        : "no \(unit.singular) of \(English.list(missing))"
      return Caution(
        .fewOfClass, sites: [count.site],
        message:
          "Site \(count.site) has \(said) in \(count.part.rawValue): \(consequence(count.part, fewest: few.map(\.1).min() ?? 0))."
      )
    }
  }

  private func consequence(_ part: DataPart, fewest: Int) -> String {
    switch part {
    case .training: "a model trained there alone never sees it"
    case .validation: "its validation score is unreliable"
    case .test where fewest == 0: "the model's performance on it cannot be measured there"
    case .test where fewest < SmallNumbers.cases && evaluation.bootstrap.replicates > 0:
      "an area under the ROC curve there has no interval, and neither does a mean over sites that includes it"
    case .test: "an area under the ROC curve there is uncertain by about 0.1 or more"
    }
  }

  private static func text(_ count: PartCount) -> String { "\(count.site) (\(count.units))" }
}
