import MedicalImaging
import StudyProtocol

/// Refuses steps that need a part of the geometry that a file does not state.
struct StatedGeometry {
  let study: Study
  /// The element whose image defines the geometry.
  let element: CommonDataElement

  func check(_ image: FloatImage, in record: Record) throws(ImageFault) {
    for step in study.preprocessing {
      switch step {
      case .resample(.spacing(let spacing)):
        let needed: Geometry.Stated = image.isVolume && spacing.count > 2 ? .spacing : .planeSpacing
        guard image.geometry.stated.isSuperset(of: needed) else { throw spacingMissing(record) }
      case .reorient(let code) where image.isVolume:
        guard image.geometry.stated.contains(.direction) else { throw directionMissing(code, record) }
      default: break
      }
    }
  }

  private func spacingMissing(_ record: Record) -> ImageFault {
    ImageFault(
      .preprocessing,
      "the file does not state its spacing, which the study's step `resample: {spacing: …}` needs; "
        + "write the spacing into the file, or resample to a size (`resample: {size: …}`)",
      element, in: record)
  }

  private func directionMissing(_ code: String, _ record: Record) -> ImageFault {
    ImageFault(
      .preprocessing,
      "the file does not state how its axes lie in the patient, which the study's step `reorient: {to: \(code)}` needs; "
        + "write the orientation into the file, or take the step out of the study",
      element, in: record)
  }
}
