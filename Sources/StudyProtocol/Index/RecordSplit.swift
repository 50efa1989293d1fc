import FederatedCore

/// Divides a site's groups (patients) into training, validation and test sets. No group is in two sets.
struct RecordSplit {
  let split: Study.Split
  let seed: UInt64
  /// The site, if its identifiers mean different people elsewhere; `nil` if equal identifiers mean the same
  /// person everywhere.
  let site: SiteID?

  /// - Parameter site: The site if its identifiers are valid only there (`ids: local`), otherwise `nil`.
  init(_ split: Study.Split, seed: UInt64, site: SiteID? = nil) {
    self.split = split
    self.seed = seed
    self.site = site
  }

  /// The set of each group.
  func parts(of records: [Record], study: Study, log: inout FindingLog) -> [String: DataPart] {
    switch split.method {
    case .fractions(let test, let validation):
      let cut = HashCut(test: test, validation: validation, seed: seed, site: site)
      var (parts, moved) = cut.parts(of: Set(records.map(\.group)))
      for (part, group) in moved { report(group, movedTo: part, records, &log) }
      completeTraining(&parts, cut, records, study, &log)
      return parts
    case .assigned(let name, let test, let validation):
      return assigned(
        records, codes: study.element(named: name)?.values.map(\.code) ?? [], name, test, validation, &log)
    }
  }

  private func report(
    _ group: String, movedTo part: DataPart, _ records: [Record], _ log: inout FindingLog
  ) {
    let own = records.filter { $0.group == group }
    let what = split.by ?? "record"
    log.add(
      .warning, .part, element: split.by, records: own.count,
      message:
        "by chance, no '\(what)' fell into the \(part.rawValue) set, so the nearest one was moved there; "
        + "the site has too few for these shares, and another site may have the same '\(what)' in a different set",
      places: own.map(\.place))
  }

  /// If the training set lacks a class by chance, moves a group with this class into the training set. A
  /// model that never sees a class cannot learn it.
  private func completeTraining(
    _ parts: inout [String: DataPart], _ cut: HashCut, _ records: [Record], _ study: Study,
    _ log: inout FindingLog
  ) {
    guard study.header.task == .classification, let target = study.element(.target) else { return }
    for (index, value) in target.values.enumerated() {
      let own = records.filter { $0[target.name] == .category(index) }
      let groups = Set(own.map(\.group))
      guard groups.count > 1, !groups.contains(where: { parts[$0] == .training }),
        let moved = cut.nearestToTraining(among: groups, parts: parts)
      else { continue }
      parts[moved] = .training
      let what = split.by ?? "record"
      log.add(
        .warning, .part, element: target.name, records: own.count { $0.group == moved },
        message:
          "by chance, no '\(what)' of the class '\(value.label)' fell into the training set, so the nearest one "
          + "was moved there; another site may have the same '\(what)' in a different set",
        places: own.filter { $0.group == moved }.map(\.place))
    }
  }

  private func assigned(
    _ records: [Record], codes: [String], _ element: String, _ test: [String], _ validation: [String],
    _ log: inout FindingLog
  ) -> [String: DataPart] {
    var parts: [String: DataPart] = [:]
    for record in records {
      guard case .category(let index) = record[element], codes.indices.contains(index) else { continue }
      let part: DataPart =
        test.contains(codes[index]) ? .test : validation.contains(codes[index]) ? .validation : .training
      if let other = parts[record.group], other != part {
        log.add(
          .error, .part, element: element,
          message: "one '\(split.by ?? "record")' is in two sets of the split",
          places: [record.place])
      }
      parts[record.group] = parts[record.group] ?? part
    }
    return parts
  }
}
