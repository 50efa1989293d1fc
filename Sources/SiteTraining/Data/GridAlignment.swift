import MedicalImaging
import StudyProtocol

/// Brings masks and further input images onto the grid of a record's first image.
struct GridAlignment {
  let reference: FloatImage
  let record: Record
  /// Warnings about grids that could not be compared.
  private(set) var notes: [ImageFault] = []

  init(onto reference: FloatImage, in record: Record) {
    self.reference = reference
    self.record = record
  }

  /// The image with its voxels in the same order as those of the reference image.
  ///
  /// - Throws: `ImageFault` with the rule `.size` or `.grid` if the grids differ.
  mutating func align(_ image: FloatImage, of element: CommonDataElement) throws(ImageFault) -> FloatImage {
    let match = GridMatch(of: image, on: reference)
    guard match.differences.isEmpty else { throw fault(match.differences, element) }
    if match.isUnproven { notes.append(unproven(image, element)) }
    return image.brought(onto: reference, by: match)
  }

  private func fault(_ differences: [GridMatch.Difference], _ element: CommonDataElement) -> ImageFault {
    if case .size = differences[0] {
      return ImageFault(
        .size,
        "\(Self.text(differences[0], element)); both must lie on the same grid: resample \(Self.noun(element)) onto "
          + "\(Self.owner(element)) grid", element, in: record)
    }
    let kinds = differences.map(Self.kind)
    return ImageFault(
      .grid,
      "it lies on another grid than \(Self.reference(element)): "
        + differences.map { Self.text($0, element) }.joined(separator: "; ")
        + ". Resample \(Self.noun(element)) onto \(Self.owner(element)) grid; a reorient step cannot fix this",
      element, in: record, kind: "another \(kinds.joined(separator: ", "))")
  }

  private func unproven(_ image: FloatImage, _ element: CommonDataElement) -> ImageFault {
    let isMissing = !image.geometry.stated.contains(.direction)
    let names = [Self.noun(element), Self.reference(element)]
    let (silent, other) = isMissing ? (names[0], names[1]) : (names[1], names[0])
    return ImageFault(
      .grid,
      "\(silent) does not state where its voxels lie and \(other) does, so that only their sizes could be compared; "
        + "look at some to check that they are not mirrored or turned",
      element, in: record, severity: .warning)
  }

  private static func noun(_ element: CommonDataElement) -> String {
    element.kind == .mask ? "the mask" : "this image"
  }

  /// Names, for messages, the image with which an element is compared.
  private static func reference(_ element: CommonDataElement) -> String {
    element.kind == .mask ? "the image" : "the first image"
  }

  private static func owner(_ element: CommonDataElement) -> String { reference(element) + "'s" }

  private static func kind(_ difference: GridMatch.Difference) -> String {
    switch difference {
    case .size: "size"
    case .direction: "direction"
    case .origin: "origin"
    case .spacing: "spacing"
    }
  }

  private static func text(_ difference: GridMatch.Difference, _ element: CommonDataElement) -> String {
    let owner = owner(element)
    switch difference {
    case .size(let found, let expected):
      return "its size \(joined(found)) differs from \(owner), \(joined(expected))"
    case .direction(let found, let expected, let degrees):
      let axes = found == expected ? "" : "its axes run \(found), \(owner) \(expected), and "
      return "\(axes)its direction is off by \(short(degrees))°"
    case .origin(let distance): return "its origin is off by \(short(distance)) mm"
    case .spacing(let found, let expected):
      return "its spacing is \(joined(found)) mm, \(owner) \(joined(expected)) mm"
    }
  }

  private static func joined(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: "×") }

  private static func joined(_ numbers: [Double]) -> String { numbers.map(short).joined(separator: " × ") }

  /// A number with four significant digits.
  private static func short(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return "\(value)" }
    var scale = 1.0
    while abs(value) * scale < 1000 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
