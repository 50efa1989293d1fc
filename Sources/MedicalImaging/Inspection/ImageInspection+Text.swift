extension ImageInspection {
  /// The inspection as text: one line per fact, with names and values in two columns.
  public var text: String {
    let lines = facts
    let width = lines.map(\.name.count).max() ?? 0
    return lines.map { name, value in
      name + String(repeating: " ", count: width + 2 - name.count) + value
    }.joined(separator: "\n")
  }

  private var facts: [(name: String, value: String)] {
    let places = zip(shape, axes).map { "\($0) \($1.rawValue)\($0 == 1 ? "" : "s")" }
    var facts: [(name: String, value: String)] = [
      ("File", file), ("Format", format + (encoding.map { " (\($0))" } ?? "")), ("Stored type", storedType),
      (
        "Shape",
        shape.map(String.init).joined(separator: " × ") + "  (" + places.joined(separator: ", ") + ")"
      ),
    ]
    facts += geometryFacts
    facts.append(("Stored range", storedRange.map(Self.range) ?? "no finite values"))
    facts.append(
      ("Rescale", slope == 1 && intercept == 0 ? "none" : "× \(Self.short(slope)) + \(Self.short(intercept))")
    )
    if let valueRange, slope != 1 || intercept != 0 { facts.append(("Value range", Self.range(valueRange))) }
    let stated = [
      ("In training", training), ("Modality", modality), ("Photometric", photometric),
      ("Frames", frames.map(String.init)),
      ("Volumes", imagesPerSlice.map { "\($0) images of each slice, such as time points or echoes" }),
      ("Transfer syntax", transferSyntax), ("SOP class", sopClass),
    ]
    facts += stated.compactMap { name, value in value.map { (name, $0) } }
    facts.append(("Compression", isLossy ? "lossy" : "none or lossless"))
    facts.append(("Pixel SHA-256", pixelSHA256))
    return facts
  }

  private var storedType: String {
    guard let bitsStored, bitsStored != type.size * 8 else { return type.rawValue }
    return "\(type.rawValue), \(bitsStored) bit\(bitsStored == 1 ? "" : "s") used"
  }

  private var geometryFacts: [(name: String, value: String)] {
    guard spacing != nil || origin != nil || direction != nil else {
      let size = voxelSize.map { ", but for voxels of \(Self.millimetres($0))" } ?? ""
      return [("Geometry", "not stated" + size)]
    }
    let missing = "not stated"
    return [
      ("Spacing", spacing.map(Self.millimetres) ?? missing),
      ("Origin", origin.map { $0.map(Self.short).joined(separator: ", ") + " mm  (LPS)" } ?? missing),
      ("Direction", directionText ?? missing),
    ]
  }

  private var directionText: String? {
    guard let direction, let orientation else { return nil }
    let rows = (0..<3).map { row in direction[row * 3..<row * 3 + 3].map(Self.short).joined(separator: " ") }
    return rows.joined(separator: "; ") + "  (\(orientation))"
  }

  private static func millimetres(_ spacing: [Double]) -> String {
    spacing.map(short).joined(separator: " × ") + " mm  " + (spacing.count == 2 ? "(x, y)" : "(x, y, z)")
  }

  private static func range(_ ends: [Double]) -> String { "\(short(ends[0])) to \(short(ends[1]))" }

  /// A number with at most six decimals, without trailing zeros.
  private static func short(_ value: Double) -> String {
    let rounded = abs(value) < 1e9 && abs(value) >= 1e-4 ? (value * 1e6).rounded() / 1e6 : value
    if rounded == rounded.rounded(), abs(rounded) < 1e15 { return String(Int(rounded)) }
    return "\(rounded)"
  }
}
