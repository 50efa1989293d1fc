/// Crops or pads about the centre.
struct CropOrPadForm: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "crop-or-pad", effect: "crops or pads about the centre",
    keys: [.init("size", .required, "pixels along x, y (and z)")], example: "{size: [64, 64]}")

  var size: [Int]

  var step: PreprocessingStep { .cropOrPad(size: size) }
  var words: String { "images are cropped or padded to \(English.size(size)) pixels" }
  func size(after size: [Int]?) -> [Int]? { self.size }
  func check(in context: StepContext) { context.checkCount(size.count) }
}

extension CropOrPadForm {
  init?(reading map: MappingReader) {
    size =
      map.required("size", "the size in pixels along x, y (and z)") == nil
      ? [] : map.integers("size", .from(1, to: 16384))
  }
}
