import FederatedCore

extension SiteIndex {
  /// Reports duplicate identifiers, and image files that belong to two records.
  static func findDuplicates(_ records: [Record], study: Study, log: inout FindingLog) {
    for element in study.elements where element.role != .group && element.kind == .identifier {
      report(
        records, element, log: &log, message: "an identifier without the role 'group' may occur only once"
      ) {
        if case .identifier(let name) = $0 { name } else { nil }
      }
    }
    for element in study.elements where element.kind == .image {
      report(records, element, log: &log, message: "two records have the same image") {
        switch $0 {
        case .file(let path): path
        case .item(let file, let array, let index): "\(file)|\(array)|\(index)"
        default: nil
        }
      }
    }
  }

  private static func report(
    _ records: [Record], _ element: CommonDataElement, log: inout FindingLog, message: String,
    key: (Record.Value) -> String?
  ) {
    var seen: Set<String> = []
    for record in records {
      guard let key = key(record[element.name]), !seen.insert(key).inserted else { continue }
      log.add(.error, .duplicate, element: element.name, message: message, places: [record.place])
    }
  }

  /// Reports problems that only show over all records: no data, only one patient, only one class.
  static func checkWhole(_ records: [Record], readings: Int, study: Study, log: inout FindingLog) {
    let what = study.evaluation.split.by ?? "record"
    switch (Set(records.map(\.group)).count, readings) {
    case (0, 0):
      log.add(
        .error, .empty, records: 0,
        message: "the site has no data: no row of its table is left after its filters")
    case (0, _):
      log.add(.error, .empty, records: readings, message: "none of the site's records can be used")
    case (1, _):
      log.add(
        .error, .fewGroups, records: records.count,
        message:
          "the site has only one \(what): its data cannot be split, and a model trained there would describe that one alone"
      )
    case (2, _):
      log.add(
        .warning, .fewGroups, records: records.count,
        message: "the site has two of '\(what)': one trains, one tests, and there is no validation data")
    default: break
    }
    checkClasses(records, study: study, log: &log)
  }

  private static func checkClasses(_ records: [Record], study: Study, log: inout FindingLog) {
    guard let element = study.element(.target) ?? study.element(.event), element.kind == .category,
      !records.isEmpty
    else { return }
    let classes = Set(records.map { $0[element.name] })
    guard classes.count == 1, case .category(let index)? = classes.first else { return }
    log.add(
      .warning, .oneClass, element: element.name, records: records.count,
      message:
        "all records are of one class, '\(element.values[index].label)': metrics of this site that compare classes are not defined"
    )
  }
}
