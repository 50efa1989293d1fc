/// Turns a volume so that its axes point in the directions of the letters in `to`.
struct ReorientForm: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "reorient", effect: "turns volumes so that their axes point in the given directions",
    keys: [.init("to", .required, "three letters such as RAS")], example: "{to: RAS}")

  var to: String

  var step: PreprocessingStep { .reorient(to: to) }
  var words: String { "volumes are turned so that their axes point to \(to)" }
  func size(after size: [Int]?) -> [Int]? { nil }

  func check(in context: StepContext) {
    if !isOrientation {
      context.log.contradiction(
        "expected three letters, one of R/L, one of A/P and one of S/I, such as RAS",
        at: "\(context.path).reorient.to")
    }
    if context.dimensions == 2 {
      context.log.contradiction(
        "only volumes can be reoriented; put it before `slices`", at: context.path, with: "elements")
    }
  }

  private var isOrientation: Bool {
    to.count == 3 && ["RL", "AP", "SI"].allSatisfy { pair in to.filter { pair.contains($0) }.count == 1 }
  }
}

extension ReorientForm {
  init?(reading map: MappingReader) {
    to = map.text("to", expected: "an orientation such as RAS")
  }
}
