/// One step that makes what the model sees from what the files hold.
///
/// Sizes, spacings and axes are in the order x, y, z (width, height, depth), as in NIfTI and ITK.
public enum PreprocessingStep: Sendable, Equatable {
  /// Turns a volume so that its axes point this way, for example `RAS`.
  case reorient(to: String)
  /// Takes the slices of volumes along an axis as examples; the patient stays the unit of evaluation.
  case slices(axis: Axis)
  /// Resamples to a size in pixels or to a spacing in millimetres; images linearly, masks to the nearest neighbour.
  case resample(Resampling)
  /// Crops or pads about the centre to a size in pixels.
  case cropOrPad(size: [Int])
  /// Brings intensities to a common scale.
  case normalise(IntensityNormalisation)
  /// Fills in missing inputs of a table.
  case impute(ImputationMethod)
  /// Brings the numbers of a table to a common scale.
  case standardise(Standardisation)
}

public enum Axis: String, Codable, Sendable, CaseIterable {
  case x, y, z
  /// 0, 1 or 2.
  public var index: Int { self == .x ? 0 : self == .y ? 1 : 2 }
}

public enum Resampling: Sendable, Equatable {
  /// To this many pixels along x, y (and z).
  case size([Int])
  /// To this many millimetres a pixel along x, y (and z).
  case spacing([Double])
}

/// How intensities come to a common scale.
public struct IntensityNormalisation: Codable, Sendable, Equatable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Less the mean, divided by the standard deviation.
    case zScore = "z-score"
    /// From the `lower` and `upper` percentiles to 0...1, clipped.
    case percentile
    /// From a window of `width` about `level` to 0...1, clipped.
    case window
    /// From `lower`...`upper` of the stored values to 0...1, not clipped.
    case scale
  }

  /// What the statistics are taken over.
  public enum Scope: String, Codable, Sendable, CaseIterable {
    /// The whole volume of which an example is a slice.
    case volume
    /// Each image file, all channels together.
    case image
    /// Each slice.
    case slice
    /// Each channel of an image.
    case channel
  }

  public var method: Method
  public var per: Scope
  /// Percentile: 0...100. Scale: the stored value that becomes 0.
  public var lower: Double?
  /// Percentile: 0...100. Scale: the stored value that becomes 1.
  public var upper: Double?
  /// Window: its centre.
  public var level: Double?
  /// Window: its width.
  public var width: Double?
  /// Takes statistics over voxels that are not zero, where the background is zero.
  public var nonzero: Bool

  public init(
    method: Method, per: Scope = .image, lower: Double? = nil, upper: Double? = nil, level: Double? = nil,
    width: Double? = nil, nonzero: Bool = false
  ) {
    (self.method, self.per, self.lower, self.upper) = (method, per, lower, upper)
    (self.level, self.width, self.nonzero) = (level, width, nonzero)
  }
}

/// What takes the place of a missing input of a table; computed on a site's own training part.
public enum ImputationMethod: Sendable, Equatable {
  case median
  case mean
  case zero
  case constant(Double)
}

/// How the numbers of a table come to a common scale.
public struct Standardisation: Codable, Sendable, Equatable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Less the mean, divided by the standard deviation.
    case zScore = "z-score"
    /// From the lowest and highest to 0...1.
    case range
  }

  public enum Source: String, Codable, Sendable, CaseIterable {
    /// The statistics of the site's own training part.
    case site
    /// The ranges that the study's elements declare: the same at every site, so nothing local hides a difference.
    case elements
  }

  public var method: Method
  public var using: Source

  public init(method: Method, using: Source = .site) { (self.method, self.using) = (method, using) }
}
