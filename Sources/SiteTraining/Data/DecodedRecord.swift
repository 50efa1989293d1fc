/// One record's image and mask after preprocessing: one or several examples, such as the slices of a volume.
struct DecodedRecord: Sendable {
  /// The shape of one example's image: channels first, then the spatial axes.
  let shape: [Int]
  /// The number of examples.
  let exampleCount: Int
  /// All examples' images, one after another.
  let image: [Float]
  /// All examples' masks as class indices, one after another; empty if there is no mask.
  let mask: [UInt8]
  /// The distances between voxels along the spatial axes of an example. If the examples are slices, the
  /// distance between slices comes first.
  let spacing: [Double]
  /// Facts about the images and the mask before preprocessing.
  var facts: [ImageFacts] = []
  /// Whether the file states the spacing and the grid has right angles. Otherwise, no distance can be
  /// measured.
  var statesSpacing = true
  /// Facts about the files, used to compare records with each other.
  var traits = RecordTraits()
  /// Warnings about the record, which do not prevent its use.
  var notes: [ImageFault] = []

  var byteCount: Int { 4 * image.count + mask.count }

  /// The image of one example, counted from 0.
  func image(of example: Int) -> ArraySlice<Float> {
    let length = shape.reduce(1, *)
    return image[(example * length)..<((example + 1) * length)]
  }

  /// The mask of one example; empty if there is none.
  func mask(of example: Int) -> ArraySlice<UInt8> {
    guard !mask.isEmpty else { return [] }
    let length = shape.dropFirst().reduce(1, *)
    return mask[(example * length)..<((example + 1) * length)]
  }
}
