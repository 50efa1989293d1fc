import FederatedCore
import Foundation
import StudyProtocol
import Synchronization
import WorkerProtocol

/// Measures the patients of a data session for federated statistics. Reads their records again and finds the
/// bin of each patient in each item of the question.
///
/// A patient with several records still has one value per item, so that the patient is counted once.
struct PatientMeasurer {
  private let study: Study
  private let items: [StatisticsItem]
  private let members: [UInt64]
  /// For each patient, the records with their sites.
  private let records: [[(site: SiteDefinition, record: Record)]]

  /// - Parameter members: the hashes of the patients to count.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the session has no salt or a table cannot be
  ///   read.
  init(study: Study, session: OpenSession, members: [UInt64]) throws {
    guard let salt = session.patientSalt else {
      throw ConsiliumError(
        .invalidInput, "statistics need a session with a salt, so that it is known who is behind a number")
    }
    self.study = study
    items = study.statisticsItems
    self.members = members
    let numbers = Dictionary(members.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var records = [[(site: SiteDefinition, record: Record)]](repeating: [], count: members.count)
    for text in session.sites {
      let site = try SiteDefinition(canonicalJSON: text)
      let index = try SiteIndex(
        reading: site, for: study, dataRoot: URL(fileURLWithPath: session.dataRoot), seed: session.seed,
        arrays: NumpyArrays())
      for record in index.records {
        let hash = PatientHash.of(record.group, at: site.name, salt: salt)
        if let number = numbers[hash] { records[number].append((site, record)) }
      }
    }
    self.records = records
  }

  /// The measurements that answer a question. For a question with grids, they are the bin or class of each
  /// patient in each item. Otherwise, they are the range of the values in each item.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the question does not fit the study, or if a
  ///   grid does not cover the site's own range.
  func answer(_ question: StatisticsQuestion, minimum: Int) throws -> PatientMeasurements {
    guard case .counts(let grids) = question else {
      let found = measured(grids: items.map { _ in nil })
      return measurements(found, items.indices.map { Self.rangeItem(items[$0], found[$0], minimum: minimum) })
    }
    guard grids.count == items.count else {
      throw ConsiliumError(
        .invalidInput, "the question has \(grids.count) grids; the study has \(items.count) items")
    }
    let found = measured(grids: grids)
    return measurements(
      found,
      try items.indices.map { number in
        try countItem(items[number], found[number], on: grids[number], minimum: minimum)
      })
  }

  private func measurements(_ found: [[PatientValue]], _ items: [PatientMeasurements.Item])
    -> PatientMeasurements
  { PatientMeasurements(members: members, items: items) }

  /// For each item, the value of each patient.
  private func measured(grids: [StatisticsGrid?]) -> [[PatientValue]] {
    let measurer = RecordMeasurer(study: study, items: items, grids: grids)
    let places = records.enumerated().flatMap { patient, own in own.map { (patient, $0.site, $0.record) } }
    let found = Mutex([[PatientValue]](repeating: [], count: places.count))
    DispatchQueue.concurrentPerform(iterations: places.count) { index in
      let values = measurer.values(of: places[index].2, at: places[index].1)
      found.withLock { $0[index] = values }
    }
    var byPatient = [[[PatientValue]]](repeating: [], count: members.count)
    for (place, values) in zip(places, found.withLock { $0 }) { byPatient[place.0].append(values) }
    return items.indices.map { item in byPatient.map { PatientValue(combining: $0.map { $0[item] }) } }
  }

  private static func rangeItem(_ item: StatisticsItem, _ values: [PatientValue], minimum: Int)
    -> PatientMeasurements.Item
  {
    var answer = PatientMeasurements.Item(
      bins: 0, isOrdered: item.labels.isEmpty, canLack: item.canLack,
      places: values.map { $0 == .missing ? -1 : 0 })
    if item.labels.isEmpty { answer.range = range(of: values, item, minimum: minimum) }
    return answer
  }

  private static func range(of values: [PatientValue], _ item: StatisticsItem, minimum: Int)
    -> StatisticsRange?
  {
    let limits = values.compactMap(\.limits)
    let range =
      item.source == .intensity
      ? StatisticsRange(lows: limits.map(\.low), highs: limits.map(\.high), minimum: minimum)
      : StatisticsRange(of: limits.map(\.low), minimum: minimum)
    return range.map(item.limited)
  }

  private func countItem(
    _ item: StatisticsItem, _ values: [PatientValue], on grid: StatisticsGrid?, minimum: Int
  ) throws -> PatientMeasurements.Item {
    guard item.labels.isEmpty else {
      return .init(
        bins: item.bins, isOrdered: false, canLack: item.canLack,
        places: values.map { $0.label(of: item) ?? -1 })
    }
    let range = Self.range(of: values, item, minimum: minimum)
    try check(grid, item, range)
    if item.source == .intensity {
      let nothing = [Float](repeating: 0, count: item.bins)
      return .init(
        bins: item.bins, isOrdered: true, canLack: false, places: [],
        profiles: grid == nil ? values.map { _ in nothing } : values.map { $0.profile ?? nothing })
    }
    let numbers = values.map(\.number)
    let found = numbers.compactMap(\.self)
    return .init(
      bins: grid?.bins ?? 1, isOrdered: true, canLack: item.canLack,
      places: numbers.map { number in number.map { grid?.bin(of: $0) ?? 0 } ?? -1 },
      moments: Moments(of: found), dominance: Moments.dominance(of: found, minimum: minimum),
      range: grid == nil ? nil : range)
  }

  /// Refuses a grid that has more bins than agreed or does not cover the site's own range. Its bins would
  /// show finer detail than agreed.
  private func check(_ grid: StatisticsGrid?, _ item: StatisticsItem, _ own: StatisticsRange?) throws {
    guard let grid else { return }
    // Accept a grid of intensities: their range is not known here, since they are measured as histograms on
    // the grid itself.
    let isWide = own.map(grid.holds) ?? true
    guard grid.bins <= item.bins, isWide else { throw Self.foreign(item) }
  }

  private static func foreign(_ item: StatisticsItem) -> ConsiliumError {
    ConsiliumError(
      .invalidInput,
      "the bins of '\(item.title)' are more than agreed, or do not reach over the site's own range; nothing was counted"
    )
  }
}
