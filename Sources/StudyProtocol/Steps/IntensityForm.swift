/// Makes images lighter or darker.
struct IntensityForm: AugmentationForm {
  static let descriptor = StepDescriptor(
    "intensity", effect: "multiplies by a random factor and adds a random number",
    keys: [
      .init("gain", .defaultValue("[1, 1]"), "the smallest and the largest factor"),
      .init("offset", .defaultValue("[0, 0]"), "the smallest and the largest number"), .probability,
    ], example: "{gain: [0.9, 1.1]}")

  var gain: ClosedRange<Double>
  var offset: ClosedRange<Double>
  var probability: Double

  var step: AugmentationStep { .intensity(gain: gain, offset: offset, probability: probability) }
  var words: String { "made lighter or darker" }
}

extension IntensityForm {
  init?(reading map: MappingReader) {
    gain = map.optional("gain")?.range(.notNegative) ?? 1...1
    offset = map.optional("offset")?.range() ?? 0...0
    probability = map.probability
  }
}
