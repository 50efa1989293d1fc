import MedicalImaging

/// An element's image as read, with what its file states in addition to voxels and geometry.
struct ReadImage: Sendable {
  var image: FloatImage
  let source: ImageSource
}
