/// Zooms images by a random factor.
struct ScaleForm: AugmentationForm {
  static let descriptor = StepDescriptor(
    "scale", effect: "zooms by a random factor",
    keys: [.init("range", .required, "the smallest and the largest factor"), .probability],
    example: "{range: [0.9, 1.1]}")

  var range: ClosedRange<Double>
  var probability: Double

  var step: AugmentationStep { .scale(range: range, probability: probability) }
  var words: String { "zoomed by \(range.lowerBound.short) to \(range.upperBound.short)" }
}

extension ScaleForm {
  init?(reading map: MappingReader) {
    range = map.required("range", "a range such as [0.9, 1.1]")?.range(.positive) ?? 1...1
    probability = map.probability
  }
}
