/// The brightness of each tissue in an MRI sequence, relative to white matter at 1.
struct Contrast: Sendable {
  var scalp: Float
  var bone: Float
  var fluid: Float
  var grey: Float
  var white: Float = 1
  var lesion: Float

  /// Fluid-attenuated inversion recovery: fluid is dark, grey matter is brighter than white matter, and
  /// lesions are brightest.
  static let flair = Contrast(scalp: 1.1, bone: 0.12, fluid: 0.22, grey: 1.28, lesion: 1.85)
}
