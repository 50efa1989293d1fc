import MedicalImaging
import StudyProtocol

/// Converts the values of a mask to class indices. The site's own codes take precedence over the study's
/// codes.
struct MaskCodes: Sendable {
  private let element: CommonDataElement
  private let codes: [String: String]

  /// The largest distance from a whole number at which a value is rounded: scaled files store 0.99998 for 1.
  private static let rounding: Float = 1e-3
  /// The largest difference between two values that can still be of the same class. In a file with a wrong
  /// scale, values of different classes may be as close as 0 and 0.00003.
  private static let noise: Float = 1e-6

  init(_ element: CommonDataElement, mapping: ElementMapping?) {
    self.element = element
    codes = mapping?.values ?? [:]
  }

  /// The mask with the class index in each voxel.
  func classes(of drawn: FloatImage, in record: Record) throws(ImageFault) -> FloatImage {
    var known: [Float: Float] = [:]
    var unknown: [Float] = []
    var image = drawn
    for index in image.values.indices {
      let value = image.values[index]
      if let label = known[value] {
        image.values[index] = label
      } else if let label = label(of: value) {
        known[value] = Float(label)
        image.values[index] = Float(label)
      } else if !unknown.contains(value) {
        unknown.append(value)
        if unknown.count > 4 { break }
      }
    }
    // Accept fractions that the site file lists, since they are intended.
    if unknown.isEmpty { unknown = Self.ambiguous(known.keys.filter { codes[Self.text($0)] == nil }) }
    guard unknown.isEmpty else { throw fault(unknown, in: record) }
    return image
  }

  /// The values that are not whole and would be rounded to the same whole number as another value.
  private static func ambiguous(_ values: some Sequence<Float>) -> [Float] {
    Dictionary(grouping: values) { $0.rounded() }.values.flatMap { same -> [Float] in
      guard let low = same.min(), let high = same.max(), high - low > noise else { return [] }
      return same.filter { $0 != $0.rounded() }
    }.sorted().prefix(5).map(\.self)
  }

  private func label(of value: Float) -> Int? {
    if let code = codes[Self.text(value)], let label = element.index(ofCode: code) { return label }
    let whole = value.rounded()
    guard abs(value - whole) <= Self.rounding else { return nil }
    let local = Self.text(whole)
    return element.index(ofCode: codes[local] ?? local)
  }

  private func fault(_ unknown: [Float], in record: Record) -> ImageFault {
    let permitted = element.values.map(\.code).joined(separator: ", ")
    let isFraction = unknown.contains { $0 != $0.rounded() }
    let reason =
      isFraction
      ? "the mask contains values that are not whole numbers, which are not permitted. Probability maps, lossily "
        + "compressed pictures and interpolated masks have such values; the permitted values are \(permitted). "
        + "Export it with one class code in each voxel"
      : "the mask holds a value that is not permitted; permitted are \(permitted). "
        + "Map the site's own codes under elements.\(element.name).values of the site file"
    return ImageFault(.code, reason, element, in: record, values: unknown.map(Self.text))
  }

  private static func text(_ value: Float) -> String { Int(exactly: value).map(String.init) ?? String(value) }
}
