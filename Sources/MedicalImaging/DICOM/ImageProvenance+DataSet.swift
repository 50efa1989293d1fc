extension ImageProvenance {
  /// Reads the provenance of one DICOM file. Damaged attributes are omitted, which is safe because provenance
  /// affects no decision.
  init(_ dataSet: DicomDataSet) {
    self.init()
    patient = dataSet.text(.patient)
    examination = dataSet.text(.studyInstance)
    frameOfReference = dataSet.text(.frameOfReference)
    series = Set([dataSet.text(.seriesInstance)].compactMap(\.self))
    instances = Set([dataSet.text(.instanceUID)].compactMap(\.self))
    isDeidentified =
      dataSet.text(.identityRemoved)?.uppercased() == "YES" || dataSet.text(.deidentification) != nil
      || !dataSet.list(.deidentificationCodes).isEmpty
    let days = [DicomTag.studyDate, .seriesDate, .acquisitionDate]
    if let day = days.lazy.compactMap({ dataSet.text($0).flatMap(Self.day) }).first { self.days = day...day }
    guard DicomHeader.segmentations.contains(dataSet.text(.sopClass) ?? "") else { return }
    readSources(dataSet)
  }

  /// Reads which images a segmentation was drawn on, from the common references (PS3.3, C.12.2) and from the
  /// references of each frame (C.7.6.16.2.6).
  private mutating func readSources(_ dataSet: DicomDataSet) {
    let others = dataSet.list(.otherExaminations).flatMap { $0.list(.referencedSeries) }
    for item in dataSet.list(.referencedSeries) + others {
      if let uid = item.text(.seriesInstance) { sourceSeries.insert(uid) }
      readInstances(item.list(.referencedInstances))
    }
    readInstances(dataSet.list(.sourceImages))
    for group in dataSet.list(.sharedGroups) + dataSet.list(.perFrameGroups) {
      for derivation in group.list(.derivationImages) { readInstances(derivation.list(.sourceImages)) }
    }
  }

  private mutating func readInstances(_ items: [DicomDataSet]) {
    for item in items {
      if let uid = item.text(.referencedInstance) { sourceInstances.insert(uid) }
    }
  }

  /// Converts a DICOM date (PS3.5, 6.2: DA) to `YYYY-MM-DD`; `nil` if there is no such day. Before 1993, the
  /// parts of a date were separated by points.
  static func day(_ text: String) -> String? {
    let digits = text.utf8.filter { $0 != UInt8(ascii: ".") }.map { Int($0) - 0x30 }
    guard text.utf8.count == 8 || text.utf8.count == 10, digits.count == 8,
      digits.allSatisfy({ (0...9).contains($0) })
    else { return nil }
    let numbers = [0..<4, 4..<6, 6..<8].map { digits[$0].reduce(0) { 10 * $0 + $1 } }
    let (year, month, day) = (numbers[0], numbers[1], numbers[2])
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year > 0, (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
    let texts = zip([4, 2, 2], numbers).map { width, number in
      String(repeating: "0", count: width - String(number).count) + String(number)
    }
    return texts.joined(separator: "-")
  }
}

extension DicomDataSet {
  /// The items of a sequence; empty if it is absent or damaged.
  fileprivate func list(_ tag: DicomTag) -> [DicomDataSet] { (try? items(tag)) ?? [] }
}
