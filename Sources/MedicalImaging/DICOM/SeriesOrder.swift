/// The slices of one series, sorted by position, or the reason why they do not form a volume.
///
/// Each file is compared with the values that most files have, so that messages name the file that differs.
struct SeriesOrder {
  private let headers: [DicomHeader]

  init(_ headers: [DicomHeader]) { self.headers = headers }

  /// The indices of the files from the first slice to the last along the normal.
  ///
  /// - Throws: `ImageError` that names the file that does not fit, the difference from the other files, and a
  ///   remedy.
  func sorted() throws(ImageError) -> [Int] {
    guard headers.count > 1 else { return [0] }
    try checkKinds()
    let usual = try usualOrientation()
    let positions = headers.compactMap { $0.geometry.positions.first }
    let depths = positions.map { $0.dot(usual.z) }
    let order = headers.indices.sorted { (depths[$0], $0) < (depths[$1], $1) }
    try checkPlaces(order, depths)
    try checkContrast(order)
    try checkDistances(order, depths)
    try checkLine(order, positions, normal: usual.z)
    return order
  }

  /// Throws unless all files are single slices of the same patient, series, size and spacing.
  private func checkKinds() throws(ImageError) {
    for (tag, name) in [
      (DicomTag.patient, "patient"), (.studyInstance, "examination"), (.seriesInstance, "series"),
      (.modality, "modality"), (.frameOfReference, "frame of reference"),
    ] {
      try check(
        "is not of the same \(name) \(tag)",
        advice: "put each in a folder of its own; 'consilium data inspect' lists the series of a folder"
      ) { $0.identity[tag] ?? "" }
    }
    if let file = headers.first(where: { $0.description.frames > 1 }) {
      throw fault(
        file, "holds \(file.description.frames) frames and is next to other files",
        "put it in a folder of its own")
    }
    try check("does not have the same size and type of pixels", advice: Self.apart) { header in
      let pixels = header.description
      return [pixels.rows, pixels.columns, pixels.samples].map(String.init).joined(separator: "×")
        + pixels.elementType.rawValue
    }
    if let file = headers.first(where: { $0.geometry.positions.count != 1 || $0.geometry.orientation == nil })
    {
      throw fault(
        file, "states no position or orientation to sort the series by",
        "name each file by a column of the table")
    }
    try check("does not have the same pixel spacing", advice: Self.apart) { header in
      let spacing = header.geometry.spacing
      return "\((spacing.x * 1e4).rounded()) \((spacing.y * 1e4).rounded())"
    }
  }

  private static let apart = "put the slices of each volume in a folder of their own"

  /// Throws unless all files have the same `value`. The error names a file with the rarest value.
  private func check(
    _ difference: String, advice: String, _ value: (DicomHeader) -> String
  ) throws(ImageError) {
    let groups = Dictionary(grouping: headers, by: value)
    guard groups.count > 1,
      let usual = groups.values.max(by: { ($0.count, $1[0].path) < ($1.count, $0[0].path) }),
      let other = groups.values.filter({ $0[0].path != usual[0].path })
        .min(by: { ($0.count, $0[0].path) < ($1.count, $1[0].path) })
    else { return }
    let count = other.count == 1 ? "" : " (\(other.count) files alike)"
    throw fault(other[0], "\(difference) as \(usual[0].path)\(count)", advice)
  }

  private func fault(_ header: DicomHeader, _ what: String, _ advice: String) -> ImageError {
    ImageError(.inconsistent, "\(header.path): \(what); \(advice)")
  }

  /// The orientation of most files. Throws an error that names a file with a different orientation, if there
  /// is one.
  private func usualOrientation() throws(ImageError) -> Geometry.Direction {
    var groups: [(direction: Geometry.Direction, members: [DicomHeader])] = []
    for header in headers {
      guard let own = header.geometry.orientation else { continue }
      let same = groups.firstIndex { group in
        group.direction.x.dot(own.x) > 0.9999 && group.direction.y.dot(own.y) > 0.9999
      }
      if let same { groups[same].members.append(header) } else { groups.append((own, [header])) }
    }
    groups.sort { $0.members.count > $1.members.count }
    guard groups.count > 1, let odd = groups.last?.members.first else { return groups[0].direction }
    let kind = odd.isLocalizer ? "is a localizer and " : ""
    throw fault(
      odd,
      "\(kind)does not have the same orientation as \(groups[0].members[0].path); the folder holds slices of "
        + "\(groups.count) orientations",
      "put each in a folder of its own")
  }

  /// Throws if several images share a position: echoes, time points, or copies of a file.
  private func checkPlaces(_ order: [Int], _ depths: [Double]) throws(ImageError) {
    var places: [[Int]] = []
    for index in order {
      if let last = places.last?.last, depths[index] - depths[last] < 0.01 {
        places[places.count - 1].append(index)
      } else {
        places.append([index])
      }
    }
    guard let crowded = places.first(where: { $0.count > 1 }) else { return }
    let (first, second) = (headers[crowded[0]], headers[crowded[1]])
    let count = places.count { $0.count > 1 }
    let differing = SeriesMark.all.filter { tag in
      Set(crowded.map { headers[$0].marks[tag] ?? "" }).count > 1
    }
    let shared =
      "lies at the same position as \(first.path), as do \(crowded.count) images at \(count) of "
      + "\(places.count) positions"
    guard let mark = differing.first else {
      throw fault(
        second, "\(shared); nothing in them states how they differ",
        "a series has one file per slice: remove copies, or put each set of slices in a folder of its own")
    }
    let others = differing.dropFirst().prefix(2).map(\.label)
    let also = others.isEmpty ? "" : ", also in " + others.joined(separator: " and ")
    throw fault(
      second,
      "\(shared); they differ in \(mark.label)\(also)",
      "choose one kind and put its files in a folder of its own, one folder for each input of the study")
  }

  private func checkContrast(_ order: [Int]) throws(ImageError) {
    for tag in SeriesMark.contrast {
      try check(
        "does not have the same \(tag.label)", advice: "put the images of each kind in a folder of their own"
      ) {
        $0.marks[tag] ?? ""
      }
    }
  }

  private func checkDistances(_ order: [Int], _ depths: [Double]) throws(ImageError) {
    let gaps = zip(order, order.dropFirst()).map { depths[$1] - depths[$0] }
    let typical = gaps.sorted()[(gaps.count - 1) / 2]
    for (index, gap) in gaps.enumerated() where abs(gap - typical) > max(0.01, typical * 0.05) {
      let (before, after) = (headers[order[index]], headers[order[index + 1]])
      let multiple = min(gap / typical, 1e4)
      let isWhole = abs(multiple - multiple.rounded()) < 0.05 && multiple > 1.5
      let reason =
        switch (isWhole, Int(multiple.rounded()) - 1) {
        case (true, 1): "a slice is missing between them"
        case (true, let count): "\(count) slices are missing between them"
        default: gap < typical ? "their distances vary" : "slices are missing or their distances vary"
        }
      throw fault(
        after,
        "lies \(Self.rounded(gap)) mm from \(before.path), other slices \(Self.rounded(typical)) mm; \(reason)",
        "export the whole series, or resample it to even distances")
    }
  }

  /// Checks that the slices follow one line, and that the gantry tilts this line by at most 35 degrees.
  private func checkLine(
    _ order: [Int], _ positions: [SIMD3<Double>], normal: SIMD3<Double>
  ) throws(ImageError) {
    let steps = zip(order, order.dropFirst()).map { positions[$1] - positions[$0] }
    let usual = (0..<3).map { axis in steps.map { $0[axis] }.sorted()[steps.count / 2] }
    let step: SIMD3<Double> = [usual[0], usual[1], usual[2]]
    for (index, found) in steps.enumerated() where (found - step).length > max(0.05, step.length * 0.05) {
      let (before, after) = (headers[order[index]], headers[order[index + 1]])
      let aside = (found - normal * found.dot(normal)).length
      throw fault(
        after,
        "lies \(Self.rounded(aside)) mm to the side of \(before.path), so that the slices do not follow one line",
        "put the slices before and after the jump in folders of their own, or export the series again")
    }
    if let (index, distance) = EvenLine(positions: order.map { positions[$0] }).furthest {
      throw fault(
        headers[order[index]],
        "lies \(Self.rounded(distance)) mm from its place among evenly spaced slices: the distances or directions of the "
          + "slices drift",
        "resample the series to even distances, or export its parts to folders of their own")
    }
    guard step.dot(normal) >= step.length * 0.82 else {
      throw fault(
        headers[order[1]],
        "lies further to the side of \(headers[order[0]].path) than along the slices' normal",
        "the positions of the series are not those of a volume; export it again")
    }
  }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
