/// Splits volumes into slices, each an example.
struct SlicesForm: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "slices", effect: "makes the slices of volumes along an axis the examples", isUnique: true,
    keys: [.init("axis", .required, "x, y or z; steps before it see volumes, steps after it slices")],
    example: "{axis: z}")

  var axis: Axis

  var step: PreprocessingStep { .slices(axis: axis) }

  var words: String {
    switch axis {
    case .z: "the axial slices (along z) of each volume become the examples"
    default: "the slices of each volume along \(axis.rawValue) become the examples"
    }
  }

  func size(after size: [Int]?) -> [Int]? {
    guard var size, size.count == 3 else { return size }
    size.remove(at: axis.index)
    return size
  }

  func check(in context: StepContext) {
    if context.study.inputs.first?.dimensions == 3 {
      context.log.contradiction(
        "slices are images of 2 dimensions, but the input has `dimensions: 3`", at: context.path,
        with: "elements")
    }
  }
}

extension SlicesForm {
  init?(reading map: MappingReader) { axis = map.choice("axis") }
}
