/// Mirrors images along axes.
struct FlipForm: AugmentationForm {
  static let descriptor = StepDescriptor(
    "flip", effect: "mirrors along each of the axes",
    keys: [.init("axes", .required, "a list of x, y and z"), .probability], example: "{axes: [x]}")

  var axes: [Axis]
  var probability: Double

  var step: AugmentationStep { .flip(axes: axes, probability: probability) }
  var words: String { "mirrored along \(English.list(axes.map(\.rawValue), "or"))" }

  func check(in context: StepContext) {
    let path = "\(context.path).flip.axes"
    if axes.isEmpty { context.log.contradiction("expected at least one axis", at: path) }
    if axes.contains(.z), context.dimensions == 2 {
      context.log.contradiction(
        "an image of 2 dimensions has only the axes x and y", at: path, with: "elements")
    }
  }
}

extension FlipForm {
  init?(reading map: MappingReader) {
    _ = map.required("axes", "a list of axes such as [x]")
    axes = map.choices("axes", default: [])
    probability = map.probability
  }
}
