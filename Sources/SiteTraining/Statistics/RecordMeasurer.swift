import FederatedCore
import MedicalImaging
import StudyProtocol

/// Measures one record for federated statistics: its table values, and its images as they are stored.
struct RecordMeasurer: Sendable {
  private let study: Study
  private let items: [StatisticsItem]
  /// For each item, its grid; `nil` if it has none. The intensities of an item without a grid are measured as
  /// two percentiles.
  private let grids: [StatisticsGrid?]
  private let images: [CommonDataElement]
  private let mask: CommonDataElement?

  init(study: Study, items: [StatisticsItem], grids: [StatisticsGrid?]) {
    self.study = study
    self.items = items
    self.grids = grids
    images = study.inputs.filter { $0.kind == .image }
    mask = study.element(.target).flatMap { $0.kind == .mask ? $0 : nil }
  }

  /// For each item, the value of the record; `.missing` if an image cannot be read.
  func values(of record: Record, at site: SiteDefinition) -> [PatientValue] {
    var found = items.map { tableValue($0, record) }
    guard !images.isEmpty, let read = try? Reading(record, images, mask, of: study, at: site) else {
      return found
    }
    for (number, item) in items.enumerated() {
      if let value = read.value(of: item, on: grids[number]) { found[number] = value }
    }
    return found
  }

  private func tableValue(_ item: StatisticsItem, _ record: Record) -> PatientValue {
    switch record[item.element.name] {
    case .number(let number) where item.source == .number && number.isFinite: .number(number)
    case .category(let label) where item.source == .category: .label(label)
    default: .missing
    }
  }
}

/// The images and the mask of a record, before preprocessing.
private struct Reading {
  private var images: [String: FloatImage] = [:]
  private var facts: [String: ImageFacts] = [:]

  init(
    _ record: Record, _ elements: [CommonDataElement], _ mask: CommonDataElement?, of study: Study,
    at site: SiteDefinition
  ) throws(ImageFault) {
    var notes: [ImageFault] = []
    var reference: FloatImage?
    for element in elements {
      var read = try ElementReader(element: element, mapping: site.elements[element.name])
        .image(of: record, notes: &notes)
      read.image = try RecordDecoder.withDeclaredAxes(read.image, element, of: study, in: record)
      reference = reference ?? read.image
      images[element.name] = read.image
      facts[element.name] = ImageFacts(read, of: element)
    }
    guard let mask, let reference else { return }
    var drawn = try ElementReader(element: mask, mapping: site.elements[mask.name])
      .image(of: record, onto: reference, notes: &notes).image
    drawn = try RecordDecoder.withDeclaredAxes(drawn, mask, of: study, in: record)
    var alignment = GridAlignment(onto: reference, in: record)
    let classes = try MaskCodes(mask, mapping: site.elements[mask.name])
      .classes(of: try alignment.align(drawn, of: mask), in: record)
    facts[mask.name] = ImageFacts(classes, of: mask, classCount: mask.values.count)
  }

  /// - Returns: `nil` for an item of the table.
  func value(of item: StatisticsItem, on grid: StatisticsGrid?) -> PatientValue? {
    guard let facts = facts[item.element.name] else { return nil }
    switch item.source {
    case .number, .category: return nil
    case .spacing(let axis):
      guard let spacing = facts.spacing, spacing.indices.contains(axis) else { return .missing }
      return .number(spacing[axis])
    case .size(let axis):
      return facts.size.indices.contains(axis) ? .number(Double(facts.size[axis])) : .missing
    case .presence(let label): return .number(facts.classVoxels[label] > 0 ? 1 : 0)
    case .share(let label):
      let all = facts.classVoxels.reduce(0, +)
      return all > 0 ? .number(Double(facts.classVoxels[label]) / Double(all)) : .missing
    case .intensity:
      guard let values = images[item.element.name]?.values, !values.isEmpty else { return .missing }
      return grid.map { .profile(Intensities.profile(values, on: $0)) } ?? Intensities.limits(values)
    }
  }
}
