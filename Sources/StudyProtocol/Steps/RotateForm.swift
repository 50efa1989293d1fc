/// Turns images by a random angle.
struct RotateForm: AugmentationForm {
  static let descriptor = StepDescriptor(
    "rotate", effect: "turns by a random angle in the x-y plane",
    keys: [.init("degrees", .required, "the largest angle, from 0 to 180"), .probability],
    example: "{degrees: 10}")

  var degrees: Double
  var probability: Double

  var step: AugmentationStep { .rotate(degrees: degrees, probability: probability) }
  var words: String { "turned by up to \(degrees.short)°" }
}

extension RotateForm {
  init?(reading map: MappingReader) {
    degrees = map.required("degrees", "the largest angle")?.number(.within(0...180)) ?? 0
    probability = map.probability
  }
}
