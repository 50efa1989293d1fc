/// A random change of training images, drawn again each time an image is used.
public enum AugmentationStep: Sendable, Equatable {
  /// Mirrors along each axis, with the given probability per axis.
  case flip(axes: [Axis], probability: Double)
  /// Rotates by an angle uniform in ±`degrees`, in the x-y plane.
  case rotate(degrees: Double, probability: Double)
  /// Zooms by a factor uniform in `range`.
  case scale(range: ClosedRange<Double>, probability: Double)
  /// Multiplies intensities by a factor uniform in `gain` and adds a number uniform in `offset`.
  case intensity(gain: ClosedRange<Double>, offset: ClosedRange<Double>, probability: Double)
  /// Adds Gaussian noise.
  case noise(standardDeviation: Double, probability: Double)

  /// All kinds of step, in the order in which messages list them.
  static let forms: [any AugmentationForm.Type] = [
    FlipForm.self, RotateForm.self, ScaleForm.self, IntensityForm.self, NoiseForm.self,
  ]

  var form: any AugmentationForm {
    switch self {
    case .flip(let axes, let probability): FlipForm(axes: axes, probability: probability)
    case .rotate(let degrees, let probability): RotateForm(degrees: degrees, probability: probability)
    case .scale(let range, let probability): ScaleForm(range: range, probability: probability)
    case .intensity(let gain, let offset, let probability):
      IntensityForm(gain: gain, offset: offset, probability: probability)
    case .noise(let deviation, let probability):
      NoiseForm(standardDeviation: deviation, probability: probability)
    }
  }
}

extension AugmentationStep: Encodable {
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

extension MappingReader {
  /// The probability with which an augmentation is applied.
  var probability: Double { number("probability", .fraction, default: 0.5) }
}

extension StepDescriptor.Key {
  static let probability = Self("probability", .defaultValue("0.5"), "how often the change happens")
}
