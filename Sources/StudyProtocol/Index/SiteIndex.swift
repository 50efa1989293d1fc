import FederatedCore
import Foundation

/// A site's records in the study's terms, their split into sets, and the findings about them.
///
/// A site whose findings include an error must not train.
public struct SiteIndex: Sendable {
  public let site: SiteDefinition
  /// The records without errors, in the order of the site's table.
  public let records: [Record]
  public let findings: [ElementFinding]
  /// The number of rows in the site's table after its filters, including rows with errors.
  public let rowCount: Int
  /// For each element that is computed from dates, the first and the last of the dates, as `YYYY-MM-DD`.
  /// These are patients' dates, for the site's own terminal only.
  public let days: [String: ClosedRange<String>]
  /// The set of each group.
  private let parts: [String: DataPart]

  /// Reads a site's table, maps it to the study's elements and looks for its files, without decoding images.
  ///
  /// - Parameters:
  ///   - dataRoot: The folder that contains the site's `data` folder.
  ///   - seed: The seed of the split; `nil` for the study's own.
  ///   - arrays: The reader of npz files; `nil` if the site has none.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the table cannot be read at all. Problems with
  ///   records are findings, not errors.
  public init(
    reading site: SiteDefinition, for study: Study, dataRoot: URL, seed: UInt64? = nil,
    arrays: (any ArrayReader)? = nil
  ) throws {
    let reader = try RecordReader(study: study, site: site, dataRoot: dataRoot, arrays: arrays)
    let readings = Self.share(of: reader.readings(), site: site, study: study)
    var log = FindingLog(site: site.name)
    reader.remarks(log: &log)
    let kept = Self.sift(readings, site: site, log: &log)
    Self.checkIdentifiers(kept, study: study, log: &log)
    Self.findDuplicates(kept, study: study, log: &log)
    Self.checkWhole(kept, readings: readings.count, study: study, log: &log)
    TableQuality(kept, study: study, site: site).check(log: &log)
    let split = RecordSplit(
      study.evaluation.split, seed: seed ?? study.header.seed, site: site.ids == .local ? site.name : nil)
    parts = split.parts(of: kept, study: study, log: &log)
    self.site = site
    records = kept
    days = Self.days(of: readings)
    findings = log.findings
    rowCount = readings.count
  }

  /// Whether the findings are free of errors.
  public var isUsable: Bool { !findings.contains { $0.severity == .error } }

  /// The set of a record in the split; `nil` for a record that is not from this index.
  public func part(of record: Record) -> DataPart? { parts[record.group] }

  public func records(in part: DataPart) -> [Record] { records.filter { parts[$0.group] == part } }

  /// The number of groups (patients) in a set.
  public func groupCount(in part: DataPart) -> Int { parts.values.count { $0 == part } }

  private static func share(of readings: [RecordReader.Reading], site: SiteDefinition, study: Study)
    -> [RecordReader.Reading]
  {
    guard let share = site.share else { return readings }
    let owners = share.partition.owners(of: readings.map(\.record))
    return readings.filter { owners[$0.record.group] == share.index }
  }

  /// The first and last date over all records without errors, by element.
  private static func days(of readings: [RecordReader.Reading]) -> [String: ClosedRange<String>] {
    var days: [String: ClosedRange<Int>] = [:]
    for reading in readings where reading.faults.isEmpty {
      days.merge(reading.days) { min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound) }
    }
    return days.mapValues {
      DateFormat.text(ofDay: $0.lowerBound)...DateFormat.text(ofDay: $0.upperBound)
    }
  }

  /// Returns the records without errors, and adds the errors of all other records to the log.
  private static func sift(_ readings: [RecordReader.Reading], site: SiteDefinition, log: inout FindingLog)
    -> [Record]
  {
    readings.compactMap { reading in
      let leavesOut = site.excludeIncomplete && reading.faults.contains { $0.rule == .required }
      for fault in reading.faults where !leavesOut {
        log.add(
          .error, fault.rule, element: fault.element, message: fault.message, places: [fault.place],
          values: fault.value.map { [$0] } ?? [])
      }
      for fault in reading.faults where leavesOut && fault.rule == .required {
        log.add(
          .warning, .required, element: fault.element, message: "records that lack it are left out",
          places: [fault.place])
      }
      for remark in reading.remarks {
        log.add(
          .warning, remark.rule, element: remark.element, message: remark.message, places: [remark.place])
      }
      return reading.faults.isEmpty ? reading.record : nil
    }
  }
}
