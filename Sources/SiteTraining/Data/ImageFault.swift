import FederatedCore
import MedicalImaging
import StudyProtocol
import WorkerProtocol

/// What keeps one record's images from being used.
struct ImageFault: Error, Sendable {
  enum Rule: String, Sendable { case file, channels, values, size, code, preprocessing }

  let rule: Rule
  /// What is wrong, without a name of file or record.
  private(set) var message: String
  let element: String?
  /// The image file, or the record's line of the table.
  private(set) var place: String
  /// Values found in the file that broke the rule, for the site's own terminal.
  let values: [String]

  init(
    _ rule: Rule, _ message: String, _ element: CommonDataElement? = nil, in record: Record,
    values: [String] = []
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
    // The imaging layer's messages begin with the file, which goes to the places.
    self.message = message.hasPrefix(place + ": ") ? String(message.dropFirst(place.count + 2)) : message
    (self.element, self.place) = (element?.name, place)
  }

  /// The same with all paths below the data root shortened, so that no other part of the machine shows.
  func relative(to dataRoot: String) -> Self {
    var fault = self
    fault.message = message.replacing(dataRoot, with: "")
    fault.place = place.replacing(dataRoot, with: "")
    return fault
  }

  static func sizes(
    of element: CommonDataElement, _ found: FloatImage, and image: FloatImage, in record: Record
  ) -> Self {
    let (one, other) = (found.size.reversed(), image.size.reversed())
    return Self(
      .size,
      "its size \(one.map(String.init).joined(separator: "×")) differs from the image's, "
        + "\(other.map(String.init).joined(separator: "×")); both must be drawn on the same grid",
      element, in: record)
  }

  /// - Parameter sizeCount: how many sizes there are in all; beyond two one finding stands for all of them.
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

/// Gathers the faults of a site's records into findings: what, how often, and the first few places.
struct ImageFaultLog {
  private let dataRoot: String
  private struct Entry {
    var site: SiteID
    var fault: ImageFault
    var places: [String]
    var values: [String]
    var count = 1
  }

  private let placeCount = 5
  private var entries: [Entry] = []

  init(dataRoot: String) { self.dataRoot = dataRoot.hasSuffix("/") ? dataRoot : dataRoot + "/" }

  mutating func add(_ fault: ImageFault, site: SiteID) {
    let fault = fault.relative(to: dataRoot)
    let place = fault.place
    let same = entries.firstIndex {
      $0.site == site && $0.fault.element == fault.element && $0.fault.message == fault.message
    }
    if let same {
      entries[same].count += 1
      if entries[same].places.count < placeCount { entries[same].places.append(place) }
      for value in fault.values
      where entries[same].values.count < placeCount && !entries[same].values.contains(value) {
        entries[same].values.append(value)
      }
    } else {
      entries.append(Entry(site: site, fault: fault, places: [place], values: fault.values))
    }
  }

  var findings: [DataFinding] {
    entries.map {
      DataFinding(
        severity: .error, site: $0.site, element: $0.fault.element, records: $0.count,
        message: $0.fault.message, places: $0.places, values: $0.values)
    }
  }
}
