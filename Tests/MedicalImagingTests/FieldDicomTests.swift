import Foundation
import Testing

@testable import MedicalImaging

/// DICOM files as users report them; expected numbers come from SimpleITK and pydicom.
struct FieldDicomTests {
  private func read(_ name: String) throws -> Volume { try Volume.read(FieldCases.path(name)) }

  private func refusal(_ name: String) -> String {
    let error = #expect(throws: ImageError.self) { try FloatImage(read(name)) }
    return error?.message ?? ""
  }

  // MARK: Meaning

  @Test func paletteImageYieldsItsColours() throws {
    let image = try FloatImage(read("photometric/palette_file/palette.dcm"))
    #expect(image.channels == 3)
    let pixels = (0..<4).map { pixel in (0..<3).map { image.values[$0 * image.channelCount + pixel] } }
    #expect(pixels == [[0, 0, 0], [200, 30, 10], [40, 180, 90], [255, 255, 255]])
  }

  @Test(arguments: [("ybr_full", Float(2)), ("ybr_422_jpeg", 6)])
  func yCbCrImageEqualsTheRGBPicture(_ name: String, _ tolerance: Float) throws {
    let rgb = try FloatImage(read("photometric/ybr_file/rgb.dcm"))
    let image = try FloatImage(read("photometric/ybr_file/\(name).dcm"))
    #expect(image.size == rgb.size && image.channels == 3)
    let width = rgb.size[1]
    // Keep away from the edge in the middle, which subsampled colours blur.
    let far = rgb.values.indices.filter { abs($0 % width - width / 2) > 4 }
    #expect(far.map { abs(image.values[$0] - rgb.values[$0]) }.max() ?? 99 <= tolerance)
  }

  @Test func greyPaletteIsOneChannel() throws {
    let volume = try read("photometric/palette/data/img/P001.dcm")
    #expect(try FloatImage(volume).channels == 3)
    #expect(try FloatImage(volume, channels: 1).channels == 1)
  }

  // MARK: Numbers

  @Test func numbersWithAPointAreRead() throws {
    let volume = try read("dicom-numbers/decimal_comma/ok")
    #expect(volume.slope == 2.5 && volume.intercept == -100)
    #expect(volume.geometry.spacing == [0.5, 0.5, 3])
  }

  @Test(
    arguments: [
      ("slope_comma.dcm", "rescale slope (0028,1053) is not a number: it holds a comma"),
      ("spacing_comma.dcm", "pixel spacing (0028,0030) is not a number: it holds a comma"),
      ("spacing_single.dcm", "pixel spacing (0028,0030) holds 1 value; expected 2"),
      ("slope_zero.dcm", "rescale slope (0028,1053) is 0"), ("comma", "0.dcm: its"),
    ])
  func numbersThatCannotBeReadAreRefused(_ name: String, _ message: String) {
    #expect(refusal("dicom-numbers/decimal_comma/\(name)").contains(message))
  }

  // MARK: Series

  @Test func sidewaysJumpIsRefusedNamingTheFile() {
    let message = refusal("series/in_plane_jump/series")
    #expect(message.contains("3.dcm: lies 40.0 mm to the side of"), "\(message)")
  }

  @Test func twoEchoesAreRefusedNamingTheirDifference() {
    let message = refusal("series/two_echoes/series")
    #expect(
      message.contains("2 images at 6 of 6 positions; they differ in echo time (0018,0081)"), "\(message)")
    #expect(message.contains("choose one kind"))
  }

  @Test func reportsNextToSlicesAreSkipped() throws {
    let volume = try read("series/reports_beside/series")
    #expect(volume.shape == [6, 20, 24] && volume.geometry.spacing == [1, 1, 3])
    #expect(
      volume.source.leftAside == [
        .init(file: "DIRFILE", kind: "an index of other files (DICOMDIR)"),
        .init(file: "PR0001.dcm", kind: "a presentation state (PR)"),
        .init(file: "SR0001.dcm", kind: "a structured report (SR)"),
      ])
    #expect(ImageInspection(volume, file: "series").leftAside?.count == 3)
  }

  @Test(arguments: ["ordered", "enhanced", "reversed"])
  func framesAreSortedByTheirPositions(_ name: String) throws {
    let volume = try read("series/enhanced_order/\(name).dcm")
    #expect(volume.axes == [.slice, .row, .column] && volume.shape == [6, 20, 24])
    #expect(volume.geometry.origin.z == -9 && volume.geometry.spacing.z == 3)
    #expect(volume.geometry.direction == .identity)
    #expect(volume.voxels.sha256.hasPrefix("21efc87db545"))
  }

  @Test func mosaicIsRefused() throws {
    #expect(refusal("series/mosaic/mosaic.dcm").contains("is a Siemens mosaic"))
    let inspection = ImageInspection(try read("series/mosaic/mosaic.dcm"), file: "mosaic.dcm")
    #expect(inspection.training?.contains("training refuses this image: is a Siemens mosaic") == true)
  }

  // MARK: Segmentations

  @Test(arguments: ["seg_fwd", "seg_rev", "seg_sparse"])
  func framesOfASegmentationAreAtTheirStatedPositions(_ name: String) throws {
    for patient in ["P00", "P03"] {
      let image = try FloatImage(read("mask-grid/dicom_seg/data/\(patient)/ct"))
      let stored = try read("mask-grid/dicom_seg/data/\(patient)/\(name).dcm")
      let mask = try FloatImage(stored.asLabels()).placed(on: image)
      // The same masks as NIfTI, for the same patients in the control; rows and columns run the other way.
      let truth = try FloatImage(read("mask-grid/good/data/\(patient)_seg.nii.gz")).reoriented(to: "LPS")
      #expect(mask.size == image.size && mask.values == truth.values)
      #expect(mask.geometry == image.geometry && mask.values.contains(1))
    }
  }

  @Test func aSegmentationOfAnotherGridIsRefused() throws {
    let image = try FloatImage(read("dicom-numbers/decimal_comma/ok"))
    let stored = try read("mask-grid/dicom_seg/data/P00/seg_fwd.dcm")
    let error = #expect(throws: ImageError.self) { try FloatImage(stored.asLabels()).placed(on: image) }
    #expect(error?.message.contains("does not lie on the image's grid") == true)
  }

  // MARK: Folders

  @Test func aFolderOfSeriesIsListed() throws {
    let listing = try FolderInspection(folder: FieldCases.path("series"))
    #expect(!FolderInspection.isOneSeries(FieldCases.path("series")))
    let lines = listing.series.map { "\($0.folder) \($0.firstFile) \($0.kind) \($0.files)" }
    #expect(
      Set(lines) == [
        "enhanced_order enhanced.dcm volume 1", "enhanced_order ordered.dcm volume 1",
        "enhanced_order reversed.dcm volume 1", "in_plane_jump/series 0.dcm unusable 6",
        "mosaic mosaic.dcm picture 1",
        "reports_beside/series IM0001.dcm volume 6", "two_echoes/series IM0001.dcm unusable 12",
      ])
    let volume = try #require(listing.series.first { $0.folder == "reports_beside/series" })
    #expect(volume.modality == "CT" && volume.size == [24, 20, 6] && volume.spacing == [1, 1, 3])
    #expect(volume.orientation == "LPS" && volume.problem == nil)
    let jump = try #require(listing.series.first { $0.folder == "in_plane_jump/series" })
    #expect(jump.problem?.hasPrefix("3.dcm: lies 40.0 mm to the side of 2.dcm") == true)
    #expect(listing.leftAside.map(\.files) == [["PR0001.dcm"], ["SR0001.dcm"], ["DIRFILE"]])
    #expect(FolderInspection.isOneSeries(FieldCases.path("series/reports_beside/series")))
  }

  @Test func seriesThatShareAFolderAreReported() throws {
    try Fixtures.withTemporaryFolder { folder in
      for name in ["a", "b", "c", "d"] {
        var bytes = try Fixtures.bytes("series/" + name)
        // Change the last digit of the Series Instance UID (0020,000E) of two of the slices.
        let tag = try #require(bytes.firstRange(of: [0x20, 0x00, 0x0E, 0x00])).lowerBound
        if name > "b" { bytes[tag + 20] ^= 1 }
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
      }
      let listing = try FolderInspection(folder: folder)
      #expect(!FolderInspection.isOneSeries(folder))
      #expect(listing.series.map(\.files) == [2, 2])
      #expect(listing.series.allSatisfy { $0.problem?.isEmpty == false })
    }
  }
}
