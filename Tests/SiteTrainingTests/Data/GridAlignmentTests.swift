import FederatedCore
import MedicalImaging
import StudyProtocol
import Testing

@testable import SiteTraining

struct GridAlignmentTests {
  private static let record = Record(
    group: "1", values: ["lesion": .file("/data/mask.nii")], place: "table.csv:2")
  private static let geometry = Geometry(spacing: [1, 1, 3], origin: [5, 6, 7])

  private func image(_ geometry: Geometry = Self.geometry) -> FloatImage {
    FloatImage(values: (0..<8).map { Float($0) }, size: [2, 2, 2], geometry: geometry)
  }

  private func mask() throws -> CommonDataElement {
    try #require(try SmallImages.study(dimensions: 3).element(.target))
  }

  /// A mask from a picture or an npz file, next to an image that states its position. The mask is used, with
  /// a warning.
  @Test func maskWithoutAGridIsUsedWithAWarning() throws {
    var alignment = GridAlignment(onto: image(), in: Self.record)
    let aligned = try alignment.align(image(.unstated), of: mask())
    #expect(aligned == image())
    #expect(alignment.notes.map(\.severity) == [.warning] && alignment.notes.map(\.element) == ["lesion"])
    #expect(alignment.notes[0].message.contains("the mask does not state where its voxels lie"))
  }

  @Test func imageWithoutAGridIsNamed() throws {
    var alignment = GridAlignment(onto: image(.unstated), in: Self.record)
    _ = try alignment.align(image(), of: mask())
    #expect(alignment.notes[0].message.contains("the image does not state where its voxels lie"))
  }

  @Test func twoFilesWithoutAGridAreComparedBySize() throws {
    var alignment = GridAlignment(onto: image(.unstated), in: Self.record)
    #expect(try alignment.align(image(.unstated), of: mask()) == image(.unstated))
    #expect(alignment.notes.isEmpty)
  }

  @Test func shiftedMaskIsRefusedWithItsOffset() throws {
    var shifted = Self.geometry
    shifted.origin += [0.5, 0, 0]
    var alignment = GridAlignment(onto: image(), in: Self.record)
    let fault = try #require(throws: ImageFault.self) { try alignment.align(image(shifted), of: mask()) }
    #expect(fault.rule == .grid && fault.element == "lesion" && fault.place == "/data/mask.nii")
    #expect(fault.message.contains("its origin is off by 0.5 mm. Resample the mask onto the image's grid"))
  }

  /// The numbers differ between files, but there is one finding.
  @Test func differentOffsetsAreOneFinding() throws {
    var log = ImageFaultLog(dataRoot: "/data")
    for offset in [0.5, 0.25] {
      var shifted = Self.geometry
      shifted.origin.x += offset
      var alignment = GridAlignment(onto: image(), in: Self.record)
      log.add(
        try #require(throws: ImageFault.self) { try alignment.align(image(shifted), of: mask()) },
        site: SiteID("north"))
    }
    #expect(log.findings.map(\.records) == [2] && log.findings[0].places == ["mask.nii"])
    #expect(log.findings[0].message.hasSuffix("(numbers of the first record)"))
  }

  @Test func errorNamesTheAnglesOfATurnedMask() throws {
    var turned = Self.geometry
    turned.direction = .init(x: [0.8, 0.6, 0], y: [-0.6, 0.8, 0], z: [0, 0, 1])
    var alignment = GridAlignment(onto: image(), in: Self.record)
    let fault = try #require(throws: ImageFault.self) { try alignment.align(image(turned), of: mask()) }
    #expect(fault.message.contains("its direction is off by 36.87°"))
  }
}
