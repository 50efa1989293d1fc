import FederatedCore
import StudyProtocol

extension SiteFacts {
  /// - Parameters:
  ///   - rows: the rows of the site's table, after its filters.
  ///   - records: the records without an error in the table.
  ///   - days: for each element that is computed from dates, the first and the final one of these dates.
  ///   - images: for each record that could be read, facts about its images; `nil` for a table study.
  init(
    _ study: Study, rows: Int, records: [Record], days: [String: ClosedRange<String>] = [:],
    images: [[ImageFacts]]?, used: Int, exampleShape: [Int]
  ) {
    let byElement = Dictionary(grouping: (images ?? []).flatMap(\.self), by: \.element)
    self.init(
      rows: rows, used: used, exampleShape: exampleShape,
      elements: study.elements.map { element in
        switch element.kind {
        case .image, .mask: Element(element, images: byElement[element.name] ?? [])
        default: Element(element, values: records.map { $0[element.name] }, days: days[element.name])
        }
      })
  }
}

extension SiteFacts.Element {
  fileprivate init(_ element: CommonDataElement, images: [ImageFacts]) {
    self.init(name: element.name, kind: element.kind.rawValue, records: images.count)
    sizes = SiteFacts.Count.list(of: images.map(\.sizeText))
    spacings = SiteFacts.Count.list(of: images.map(\.spacingText))
    orientations = SiteFacts.Count.list(of: images.map { $0.orientation ?? "not stated" })
    let days = images.compactMap(\.days)
    if let first = days.map(\.lowerBound).min(), let last = days.map(\.upperBound).max() {
      dates = .init(first: first, last: last)
    }
    if element.kind == .mask {
      classes = element.values.enumerated().dropFirst().map { index, value in
        .init(value.label, records: images.count { $0.classVoxels[index] > 0 })
      }
      let all = images.reduce(0) { $0 + $1.classVoxels.reduce(0, +) }
      let background = images.reduce(0) { $0 + ($1.classVoxels.first ?? 0) }
      share = all > 0 ? 1 - Double(background) / Double(all) : nil
    } else if let low = images.map(\.range.lowerBound).min(), let high = images.map(\.range.upperBound).max()
    {
      values = .init(low: Double(low), high: Double(high))
    }
  }

  fileprivate init(
    _ element: CommonDataElement, values found: [Record.Value], days: ClosedRange<String>?
  ) {
    self.init(
      name: element.name, kind: element.kind.rawValue, records: found.count { $0 != .missing })
    unit = element.unit
    dates = days.map { .init(first: $0.lowerBound, last: $0.upperBound) }
    if element.kind == .category {
      classes = element.values.enumerated().map { index, value in
        .init(value.label, records: found.count { $0 == .category(index) })
      }
    }
    let numbers = found.compactMap { if case .number(let number) = $0 { number } else { nil } }
    if let low = numbers.min(), let high = numbers.max() { values = .init(low: low, high: high) }
  }
}

extension SiteFacts.Count {
  /// Counts how often each text occurs. The most frequent text comes first.
  static func list(of texts: [String]) -> [Self] {
    Dictionary(grouping: texts, by: \.self).map { Self($0.key, records: $0.value.count) }
      .sorted { ($1.records, $0.text) < ($0.records, $1.text) }
  }
}
