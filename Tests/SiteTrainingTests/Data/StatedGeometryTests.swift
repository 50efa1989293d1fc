import FederatedCore
import MedicalImaging
import StudyProtocol
import Testing

@testable import SiteTraining

/// Volumes whose slices are shifted sideways, as by a tilted gantry.
struct StatedGeometryTests {
  private static let record = Record(group: "1", values: ["image": .file("/data/ct")], place: "table.csv:2")

  /// - Parameter shift: millimetres to the side per millimetre along the normal.
  private func image(shift: Double, slices: Int = 3) -> FloatImage {
    let length = (1 + shift * shift).squareRoot()
    let geometry = Geometry(
      direction: .init(x: [1, 0, 0], y: [0, 1, 0], z: [0, shift / length, 1 / length]))
    return FloatImage(
      values: [Float](repeating: 0, count: 4 * slices), size: [slices, 2, 2], geometry: geometry)
  }

  private func check(_ steps: String = "") throws -> StatedGeometry {
    let study = try SmallImages.study(dimensions: 3, preprocessing: steps)
    return StatedGeometry(study: study, element: try #require(study.inputs.first))
  }

  @Test func tiltedVolumeIsAWarningWithItsAngle() throws {
    let notes = try check().notes(image(shift: 0.2), in: Self.record)
    #expect(notes.map(\.severity) == [.warning] && notes.map(\.place) == ["/data/ct"])
    #expect(notes[0].message.contains("off by 11.3°, as a tilted gantry"))
    #expect(notes[0].message.contains("no distance (hausdorff95) is measured"))
  }

  @Test func straightVolumesAndSingleSlicesPass() throws {
    #expect(try check().notes(image(shift: 0), in: Self.record).isEmpty)
    #expect(try check().notes(image(shift: 0.005), in: Self.record).isEmpty)
    #expect(try check().notes(image(shift: 0.2, slices: 1), in: Self.record).isEmpty)
  }

  @Test func resamplingTheSlicesOfATiltedVolumeIsRefused() throws {
    let fault = #expect(throws: ImageFault.self) {
      try check("resample: {spacing: [1, 1, 1]}").check(image(shift: 0.2), in: Self.record)
    }
    #expect(fault?.rule == .grid && fault?.message.contains("would give a sheared grid; straighten") == true)
    try check("resample: {size: [2, 2, 2]}").check(image(shift: 0.2), in: Self.record)
    try check("resample: {spacing: [1, 1, 1]}").check(image(shift: 0), in: Self.record)
  }
}
