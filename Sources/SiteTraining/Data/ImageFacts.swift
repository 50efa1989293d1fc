import MedicalImaging
import StudyProtocol

/// Facts about one image or mask of a record as read, before preprocessing.
struct ImageFacts: Sendable {
  let element: String
  /// The size along x, y and, for volumes, z.
  let size: [Int]
  /// The spacing along the same axes in millimetres; `nil` if the file does not state it.
  let spacing: [Double]?
  /// The orientation, such as `RAS`; `nil` if the file does not state it.
  let orientation: String?
  /// The first and last day of the examination, as `YYYY-MM-DD`; `nil` if the file states none.
  let days: ClosedRange<String>?
  /// The lowest and the highest value.
  let range: ClosedRange<Float>
  /// The number of pixels or voxels of each class in a mask; empty for an image.
  let classVoxels: [Int]

  init(_ read: ReadImage, of element: CommonDataElement) {
    self.init(read.image, of: element, days: read.source.provenance?.days)
  }

  /// - Parameters:
  ///   - classCount: the number of classes of a mask, whose values are class indices; 0 for an image.
  ///   - days: the first and last day of the examination.
  init(
    _ image: FloatImage, of element: CommonDataElement, classCount: Int = 0, days: ClosedRange<String>? = nil
  ) {
    self.element = element.name
    self.days = days
    size = image.size.reversed()
    let (geometry, axes) = (image.geometry, image.size.count)
    let needed: Geometry.Stated = image.isVolume ? .spacing : .planeSpacing
    spacing = geometry.stated.isSuperset(of: needed) ? (0..<axes).map { geometry.spacing[$0] } : nil
    orientation = geometry.stated.contains(.direction) && image.isVolume ? geometry.orientation : nil
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in image.values { (low, high) = (min(low, value), max(high, value)) }
    range = low <= high ? low...high : 0...0
    var counts = [Int](repeating: 0, count: classCount)
    if classCount > 0 {
      for value in image.values where value >= 0 && Int(value) < classCount { counts[Int(value)] += 1 }
    }
    classVoxels = counts
  }

  var sizeText: String { size.map(String.init).joined(separator: "×") }

  var spacingText: String {
    guard let spacing else { return "not stated" }
    return spacing.map(Self.text).joined(separator: "×") + " mm"
  }

  /// Rounds to three significant digits: 0.9375 mm becomes 0.938.
  private static func text(_ length: Double) -> String {
    var digits = 0
    while digits < 6, length > 0, length * [1, 10, 100, 1000, 10_000, 100_000][digits] < 99.95 { digits += 1 }
    let scale = (0..<digits).reduce(1.0) { value, _ in value * 10 }
    let rounded = (length * scale).rounded() / scale
    return Int(exactly: rounded).map(String.init) ?? String(rounded)
  }
}
