import MedicalImaging

/// The image or mask of a data element as read from its file, with the other facts that the file states.
struct ReadImage: Sendable {
  var image: FloatImage
  let source: ImageSource
}
