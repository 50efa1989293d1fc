import MedicalImaging
import StudyProtocol

/// Refuses images whose geometry does not suffice for a step of the study. The file may not state a part that
/// the step needs, or the grid may not have right angles.
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
        if needed == .spacing, image.isSheared { throw sheared(image, record) }
      case .reorient(let code) where image.isVolume:
        guard image.geometry.stated.contains(.direction) else { throw directionMissing(code, record) }
      default: break
      }
    }
  }

  /// Warnings about a geometry that does not prevent the record from being used.
  func notes(_ image: FloatImage, in record: Record) -> [ImageFault] {
    if image.isSheared { return [shearNote(image, record)] }
    let needed: Geometry.Stated = image.isVolume ? .spacing : .planeSpacing
    let measures = study.evaluation.metrics.contains(.hausdorff95)
    return measures && !image.geometry.stated.isSuperset(of: needed) ? [distanceNote(record)] : []
  }

  private func distanceNote(_ record: Record) -> ImageFault {
    ImageFault(
      .preprocessing,
      "the file does not state its spacing, so that no distance (hausdorff95) is measured in millimetres: it is left out "
        + "for this image; write the spacing into the file, or take hausdorff95 out of the study's metrics",
      element, in: record, severity: .warning)
  }

  private static let straighten =
    "straighten it first: resample it, and its mask, onto a grid with right angles (dcm2niix writes such a file, with "
    + "`_Tilt` in its name)"

  private func shearNote(_ image: FloatImage, _ record: Record) -> ImageFault {
    let distance =
      study.evaluation.metrics.contains(.hausdorff95)
      ? ", and no distance (hausdorff95) is measured for this image" : ""
    return ImageFault(
      .grid,
      "its axes are not at right angles, but off by \(image.shearText)°, as a tilted gantry shifts each slice sideways "
        + "against the last; the model sees the volume sheared\(distance). If that matters, \(Self.straighten)",
      element, in: record, severity: .warning, kind: "sheared")
  }

  private func sheared(_ image: FloatImage, _ record: Record) -> ImageFault {
    ImageFault(
      .grid,
      "its axes are not at right angles, but off by \(image.shearText)°, as a tilted gantry shifts each slice sideways "
        + "against the last; the study's step `resample: {spacing: …}` would give a sheared grid; \(Self.straighten)",
      element, in: record, kind: "sheared")
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

extension FloatImage {
  /// Whether the file states axes that are not at right angles. Half a degree shifts the last of 100 slices
  /// of 2 mm by 1.7 mm.
  var isSheared: Bool {
    isVolume && size[0] > 1 && geometry.stated.contains(.direction) && geometry.shear > 0.5
  }

  /// The shear in degrees, to one decimal.
  fileprivate var shearText: String { "\((geometry.shear * 10).rounded() / 10)" }
}
