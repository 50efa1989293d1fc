/// The way in which the predictions of several models are combined into one.
public enum ModelFusion: String, Sendable, Codable, CaseIterable {
  /// The mean of the predicted probabilities, for classes.
  case mean
  /// The class with the most votes in each pixel or voxel, for masks. A tie is background.
  case majority
  /// The mask that STAPLE considers most probable, given the masks and their estimated reliability.
  case staple
}
