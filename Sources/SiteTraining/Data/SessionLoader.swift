import FederatedCore
import Foundation
import MedicalImaging
import StudyProtocol
import WorkerProtocol

/// Reads a session's data: the records of its sites, checked, split and ready to form batches.
struct SessionLoader {
  /// The session's data; `nil` if there is nothing to train on. `findings` lists the violations of the common
  /// data elements.
  var data: SessionData?
  var findings: [DataFinding]
  /// Facts about the site's data, if the request asks for them; `nil` if the session has several sites.
  private(set) var facts: SiteFacts?

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a site's table cannot be read at all.
  init(_ request: OpenSession, study: Study, cache: RecordCache) throws {
    try self.init(reading: request, study: study, cache: cache)
    if !request.showsFacts { facts = nil }
    if !request.showsValues {
      findings = findings.map { $0.withoutValues() }
      facts = facts?.withoutValues()
    }
  }

  private init(reading request: OpenSession, study: Study, cache: RecordCache) throws {
    let root = URL(fileURLWithPath: request.dataRoot)
    let indexes = try request.sites.map { text in
      try SiteIndex(
        reading: try SiteDefinition(canonicalJSON: text), for: study, dataRoot: root, seed: request.seed,
        arrays: NumpyArrays())
    }
    findings = indexes.flatMap { $0.findings.map(DataFinding.init) }
    facts = Self.facts(indexes, study: study)
    guard indexes.contains(where: { !$0.records.isEmpty }) else { return }
    if study.isTabular {
      data = Self.table(indexes, study: study, salt: request.patientSalt)
      facts?.exampleShape = data?.source.exampleShape ?? []
    } else {
      let records = indexes.flatMap { index in index.records.map { (index.site, $0) } }
      let source = ImageExampleSource(records, study: study, cache: cache)
      findings += source.prepare(dataRoot: request.dataRoot)
      facts = Self.facts(indexes, source, study: study)
      findings += ImageQuality.findings(
        Self.entries(indexes, source), study: study, dataRoot: request.dataRoot)
      guard source.exampleCount > 0 else { return }
      data = Self.images(indexes, source: source, salt: request.patientSalt)
    }
  }

  private static func facts(_ indexes: [SiteIndex], _ source: ImageExampleSource? = nil, study: Study)
    -> SiteFacts?
  {
    guard indexes.count == 1, let index = indexes.first else { return nil }
    return SiteFacts(
      study, rows: index.rowCount, records: index.records, days: index.days, images: source?.facts,
      used: study.isTabular ? index.records.count : source?.usedRecordCount ?? 0,
      exampleShape: source?.exampleShape ?? [])
  }

  private static func table(_ indexes: [SiteIndex], study: Study, salt: String?) -> SessionData {
    var rows: [[Float]] = []
    var records: [Record] = []
    var ranges: [[Range<Int>]] = []
    for index in indexes {
      // Encode each site with its own statistics, even if sites are pooled, so that every arm sees the same
      // numbers.
      let encoder = TableEncoder(study: study, training: index.records(in: .training))
      ranges.append(index.records.indices.map { (records.count + $0)..<(records.count + $0 + 1) })
      rows += index.records.map(encoder.encode)
      records += index.records
    }
    let source = TableSource(rows: rows, targets: TableTargets(of: records, study: study))
    return SessionData(source: source, patients: patients(indexes, ranges: ranges, salt: salt))
  }

  private static func images(_ indexes: [SiteIndex], source: ImageExampleSource, salt: String?) -> SessionData
  {
    var start = 0
    let ranges = indexes.map { index in
      defer { start += index.records.count }
      return index.records.indices.map { source.examples(ofRecord: start + $0) }
    }
    return SessionData(source: source, patients: patients(indexes, ranges: ranges, salt: salt))
  }

  private static func entries(_ indexes: [SiteIndex], _ source: ImageExampleSource) -> [ImageQuality.Entry] {
    let owners = indexes.flatMap { index in index.records.map { (index, $0) } }
    return owners.enumerated().map { number, owner in
      let (index, record) = owner
      return .init(
        site: index.site.name, record: record, part: index.part(of: record),
        traits: source.traits(ofRecord: number))
    }
  }

  /// Groups each site's records by patient, in the order in which patients first appear.
  ///
  /// - Parameters:
  ///   - ranges: the examples of each record, by site.
  ///   - salt: the salt of the patients' hashes.
  private static func patients(_ indexes: [SiteIndex], ranges: [[Range<Int>]], salt: String?)
    -> [SessionData.Patient]
  {
    zip(indexes, ranges).flatMap { index, ranges in
      var places: [String: Int] = [:]
      var patients: [SessionData.Patient] = []
      for (record, range) in zip(index.records, ranges) where !range.isEmpty {
        guard let part = index.part(of: record) else { continue }
        if let place = places[record.group] {
          patients[place].records.append(range)
        } else {
          places[record.group] = patients.count
          let hash = salt.map { PatientHash.of(record.group, at: index.site.name, salt: $0) }
          patients.append(.init(site: index.site.name, part: part, records: [range], hash: hash))
        }
      }
      return patients
    }
  }
}

extension DataFinding {
  init(_ finding: ElementFinding) {
    self.init(
      severity: finding.severity == .error ? .error : .warning, site: finding.site, element: finding.element,
      records: finding.records, message: finding.message, places: finding.places, values: finding.values)
  }
}

/// Reads the tables of npz files for the index.
struct NumpyArrays: ArrayReader {
  func shape(ofArray name: String, inFile file: String) throws -> [Int] { try array(name, file).shape }

  func integers(ofArray name: String, inFile file: String) throws -> [Int] {
    try array(name, file).elements.floats().map { value in
      guard let whole = Int(exactly: value) else {
        throw ConsiliumError(
          .invalidInput,
          "\(file), array '\(name)': it holds numbers that are not whole; expected the codes of a category")
      }
      return whole
    }
  }

  private func array(_ name: String, _ file: String) throws -> NumpyArray {
    do {
      return try NumpyArchive(path: file).array(name)
    } catch {
      throw ConsiliumError(.invalidInput, error.message, cause: error)
    }
  }
}
