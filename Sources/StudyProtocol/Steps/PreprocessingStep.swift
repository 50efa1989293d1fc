/// A step in the preparation of the model's inputs from the files.
///
/// Sizes, spacings and axes are in the order x, y, z (width, height, depth), as in NIfTI and ITK.
public enum PreprocessingStep: Sendable, Equatable {
  /// Turns a volume so that its axes point in the given directions, for example `RAS`.
  case reorient(to: String)
  /// Cuts volumes into slices along an axis. Each slice becomes an example; the patient stays the unit of
  /// evaluation.
  case slices(axis: Axis)
  /// Resamples to a size in pixels or a spacing in millimetres. Images are interpolated linearly; masks get
  /// the value of the nearest voxel.
  case resample(Resampling)
  /// Crops or pads about the centre to a size in pixels.
  case cropOrPad(size: [Int])
  /// Limits intensities.
  case clip(IntensityClipping)
  /// Brings intensities to a common scale.
  case normalise(IntensityNormalisation)
  /// Fills in missing inputs of a table.
  case impute(ImputationMethod)
  /// Brings the numbers of a table to a common scale.
  case standardise(Standardisation)

  /// All kinds of step, in the order in which messages list them.
  static let forms: [any PreprocessingForm.Type] = [
    ReorientForm.self, SlicesForm.self, Resampling.self, CropOrPadForm.self, IntensityClipping.self,
    IntensityNormalisation.self,
    ImputationMethod.self, Standardisation.self,
  ]

  var form: any PreprocessingForm {
    switch self {
    case .reorient(let to): ReorientForm(to: to)
    case .slices(let axis): SlicesForm(axis: axis)
    case .resample(let resampling): resampling
    case .cropOrPad(let size): CropOrPadForm(size: size)
    case .clip(let clipping): clipping
    case .normalise(let normalisation): normalisation
    case .impute(let method): method
    case .standardise(let standardisation): standardisation
    }
  }
}

extension PreprocessingStep: Encodable {
  /// The kinds of step that a study may have.
  public static var descriptors: [StepDescriptor] { forms.map { $0.descriptor } }

  public var descriptor: StepDescriptor { type(of: form).descriptor }

  init?(reading reader: YAMLReader) {
    let step = reader.step(
      Self.forms.map { form in
        (name: form.descriptor.name, read: { form.init(reading: $0)?.step })
      })
    guard let step else { return nil }
    self = step
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    try box.put(descriptor.name, form)
  }
}

public enum Axis: String, Codable, Sendable, CaseIterable {
  case x, y, z
  /// The index of the axis: 0, 1 or 2.
  public var index: Int { self == .x ? 0 : self == .y ? 1 : 2 }
}
