import MedicalImaging

/// An element's image as read, with the facts that its file states other than voxels and geometry.
struct ReadImage: Sendable {
  var image: FloatImage
  let source: ImageSource
}
