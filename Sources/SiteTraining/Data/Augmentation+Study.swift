import MedicalImaging
import StudyProtocol

extension Augmentation {
  /// Creates the random changes that a study's augmentation steps describe.
  init(_ steps: [AugmentationStep]) {
    self.init(
      steps.map { step -> Step in
        switch step {
        case .flip(let axes, let probability):
          .flip(axes: Set(axes.compactMap { Axis(rawValue: $0.index) }), probability: probability)
        case .rotate(let degrees, let probability): .rotate(degrees: degrees, probability: probability)
        case .scale(let range, let probability): .scale(range, probability: probability)
        case .intensity(let gain, let offset, let probability):
          .intensity(scale: gain, shift: offset, probability: probability)
        case .noise(let deviation, let probability): .noise(deviation...deviation, probability: probability)
        }
      })
  }
}
