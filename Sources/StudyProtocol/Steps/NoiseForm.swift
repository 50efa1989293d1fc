/// Adds noise to images.
struct NoiseForm: AugmentationForm {
  static let descriptor = StepDescriptor(
    "noise", effect: "adds Gaussian noise",
    keys: [.init("standard-deviation", .required, "a number above 0"), .probability],
    example: "{standard-deviation: 0.05}")

  var standardDeviation: Double
  var probability: Double

  var step: AugmentationStep { .noise(standardDeviation: standardDeviation, probability: probability) }
  var words: String { "overlaid with noise" }

  private enum CodingKeys: String, CodingKey {
    case standardDeviation = "standard-deviation"
    case probability
  }
}

extension NoiseForm {
  init?(reading map: MappingReader) {
    standardDeviation = map.required("standard-deviation", "a number above 0")?.number(.positive) ?? 0
    probability = map.probability
  }
}
