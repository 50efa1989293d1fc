import FederatedCore
import MedicalImaging
import StudyProtocol

/// A problem with the images of one record: an error, which keeps the record from being used, or a warning.
struct ImageFault: Error, Sendable {
  enum Rule: String, Sendable {
    case file, modality, patient, channels, values, size, grid, code, preprocessing
  }

  let rule: Rule
  /// The problem, without the name of a file or record.
  private(set) var message: String
  let element: String?
  /// The path of the image file; without one, the record's line in the table.
  private(set) var place: String
  /// The values in the file that broke the rule. They are shown only on the site's own terminal.
  let values: [String]
  /// The severity. A record with only warnings stays in use.
  private(set) var severity: DataFinding.Severity
  /// The kind of fault. Faults of one kind form one finding, even if their messages contain different
  /// numbers. If `nil`, only faults with the same message form one finding.
  let kind: String?

  init(
    _ rule: Rule, _ message: String, _ element: CommonDataElement? = nil, in record: Record,
    values: [String] = [], severity: DataFinding.Severity = .error, kind: String? = nil
  ) {
    var place = record.place
    if let element {
      switch record[element.name] {
      case .file(let path): place = path
      case .item(let file, let array, let index): place = "\(file), array '\(array)', item \(index)"
      default: break
      }
    }
    self.rule = rule
    self.values = values
    self.severity = severity
    self.kind = kind
    // The imaging layer's messages begin with the file's name, which is in `place` already.
    self.message = message.hasPrefix(place + ": ") ? String(message.dropFirst(place.count + 2)) : message
    self.element = element?.name
    self.place = place
  }

  /// The same fault with paths relative to the data root. The message then reveals no other folder of the
  /// site.
  func relative(to dataRoot: String) -> Self {
    var fault = self
    fault.message = message.replacing(dataRoot, with: "")
    fault.place = place.replacing(dataRoot, with: "")
    return fault
  }

  /// The same fault with a different message.
  func inWords(_ message: String) -> Self {
    var fault = self
    fault.message = message
    return fault
  }

  /// The same fault as a warning with a different message.
  func asWarning(_ message: String) -> Self {
    var fault = inWords(message)
    fault.severity = .warning
    return fault
  }

  /// Creates the fault of an image whose size after preprocessing differs from the size of most images.
  ///
  /// - Parameter sizeCount: the number of different sizes among all images. If there are more than two, every
  ///   such fault has the same message, so that one finding covers all of them.
  static func shape(
    _ found: [Int], expected: [Int], sizeCount: Int, of element: CommonDataElement?, in record: Record
  ) -> Self {
    func text(_ shape: [Int]) -> String {
      shape.dropFirst().reversed().map(String.init).joined(separator: "×")
    }
    let what =
      sizeCount > 2
      ? "after preprocessing the images have \(sizeCount) sizes, most \(text(expected))"
      : "after preprocessing the image has \(text(found)) pixels, most have \(text(expected))"
    return Self(.size, "\(what); add a resample or crop-or-pad step to the study", element, in: record)
  }
}

/// Combines the faults of a site's records into findings. Each finding has the number of its records, and the
/// places (files or table lines) of the first few.
struct ImageFaultLog {
  private let dataRoot: String
  private struct Entry {
    var site: SiteID
    var fault: ImageFault
    var places: [String]
    var values: [String]
    var count = 1
    /// Whether the messages of several records were joined although they contain different numbers.
    var differ = false
    /// The number of messages that the entry represents.
    var messages = 1

    func joined(with other: Entry, placeCount: Int) -> Entry {
      var entry = self
      entry.count += other.count
      entry.messages += 1
      entry.places += other.places.prefix(max(0, placeCount - places.count))
      let new = other.values.filter { !values.contains($0) }
      entry.values += new.prefix(max(0, placeCount - values.count))
      return entry
    }

    func standingForOthers() -> Entry {
      guard messages > 1 else { return self }
      var entry = self
      entry.fault = fault.inWords("\(messages) more faults of this kind, such as: \(fault.message)")
      return entry
    }
  }

  private let placeCount = 5
  /// The maximum number of findings per rule and element. The faults beyond this maximum are combined into
  /// one.
  private let messageCount = 3
  private var entries: [Entry] = []

  init(dataRoot: String) { self.dataRoot = dataRoot.hasSuffix("/") ? dataRoot : dataRoot + "/" }

  mutating func add(_ fault: ImageFault, site: SiteID) {
    let fault = fault.relative(to: dataRoot)
    let place = fault.place
    let same = entries.firstIndex {
      $0.site == site && $0.fault.element == fault.element && $0.fault.severity == fault.severity
        && ($0.fault.kind ?? $0.fault.message) == (fault.kind ?? fault.message)
    }
    if let same {
      entries[same].count += 1
      if entries[same].fault.message != fault.message { entries[same].differ = true }
      if entries[same].places.count < placeCount, !entries[same].places.contains(place) {
        entries[same].places.append(place)
      }
      for value in fault.values
      where entries[same].values.count < placeCount && !entries[same].values.contains(value) {
        entries[same].values.append(value)
      }
    } else {
      entries.append(Entry(site: site, fault: fault, places: [place], values: fault.values))
    }
  }

  var findings: [DataFinding] {
    grouped.map {
      DataFinding(
        severity: $0.fault.severity, site: $0.site, element: $0.fault.element, records: $0.count,
        message: $0.fault.message + ($0.differ ? " (numbers of the first record)" : ""), places: $0.places,
        values: $0.values)
    }
  }

  /// The entries to report as findings. If there are more than ``messageCount`` for one rule and element, the
  /// additional ones are joined into one entry.
  private var grouped: [Entry] {
    var kept: [Entry] = []
    var others: [Int: Entry] = [:]
    for entry in entries {
      let alike = kept.indices.filter {
        kept[$0].site == entry.site && kept[$0].fault.rule == entry.fault.rule
          && kept[$0].fault.element == entry.fault.element
          && kept[$0].fault.severity == entry.fault.severity
      }
      guard let last = alike.last, alike.count >= messageCount else {
        kept.append(entry)
        continue
      }
      others[last] = others[last].map { $0.joined(with: entry, placeCount: placeCount) } ?? entry
    }
    return kept.indices.flatMap { index in
      [kept[index]] + (others[index].map { [$0.standingForOthers()] } ?? [])
    }
  }
}
