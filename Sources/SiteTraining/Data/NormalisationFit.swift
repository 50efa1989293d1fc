import StudyProtocol

/// Finds images whose values do not fit the limits of the study's `normalise` step, so that the model would
/// see little or nothing of them.
struct NormalisationFit {
  private let method: IntensityNormalisation.Method?
  private let element: CommonDataElement

  /// The smallest acceptable range of an image's scaled values, where 1 is the range between the step's
  /// limits.
  private static let leastSpan: Float = 0.02

  /// - Parameter element: the element to name in findings.
  init(_ study: Study, element: CommonDataElement) {
    self.element = element
    let steps = study.preprocessing.compactMap { if case .normalise(let step) = $0 { step } else { nil } }
    method = steps.last?.method
  }

  /// Returns a warning about a preprocessed image whose values do not fit the limits; `nil` if they fit.
  ///
  /// - Parameter isConstant: whether the stored image has one value, which is a separate finding.
  func note(_ values: [Float], isConstant: Bool, in record: Record) -> ImageFault? {
    guard !isConstant, values.count > 1, let low = values.min(), let high = values.max() else { return nil }
    switch method {
    case .window where low == high:
      return warning(
        "its values all lie on one side of the study's window, so that the model sees one value in every voxel",
        record)
    case .scale where values.count(where: { $0 < -1e-3 || $0 > 1.001 }) * 2 > values.count:
      return warning("most of its values lie outside the limits of the study's `normalise` step", record)
    case .scale where high - low < Self.leastSpan:
      return warning(
        "its values span less than a fiftieth of the limits of the study's `normalise` step, so that the model sees an image "
          + "without contrast", record)
    default: return nil
    }
  }

  private func warning(_ reason: String, _ record: Record) -> ImageFault {
    ImageFault(
      .values,
      "\(reason); check the file's units, its rescale and its bits per pixel, or correct the limits in the study",
      element, in: record, severity: .warning)
  }
}
