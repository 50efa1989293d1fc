import Foundation
import Testing

@testable import MedicalImaging

/// Compares the collection's colour images and modality LUTs, as training sees them, with pydicom's
/// conversions.
@Suite(.enabled(if: ConformanceData.dicom != nil))
struct DicomColourConformanceTests {
  /// The mean over all pixels and colours; palettes of 16 bits in images of 8 bits were shifted down by 8.
  private static let means: [String: Double] = [
    "GDCMJ2K_TextGBR.dcm": 124.4359, "SC_rgb_dcmtk_+eb+cr.dcm": 127.7433,
    "SC_rgb_dcmtk_+eb+cy+n1.dcm": 127.5833, "SC_rgb_dcmtk_+eb+cy+n2.dcm": 127.7333,
    "SC_rgb_dcmtk_+eb+cy+np.dcm": 127.5833, "SC_rgb_dcmtk_+eb+cy+s2.dcm": 127.7333,
    "SC_rgb_jls_lossy_line.dcm": 128, "SC_rgb_jpeg_dcmtk.dcm": 127.7333, "SC_rgb_jpeg_gdcm.dcm": 127.7,
    "SC_rgb_rle_16bit.dcm": 32818.9, "SC_rgb_small_odd_jpeg.dcm": 128.3333,
    "SC_ybr_full_422_uncompressed.dcm": 127.7333, "examples_jpeg2k.dcm": 34.5288,
    "examples_palette.dcm": 20.493,
    "examples_ybr_color.dcm": 10.5034, "OBXXXX1A.dcm": 12.4433, "OBXXXX1A_rle.dcm": 12.4433,
    // The same picture as OBXXXX1A.dcm, with its tables in the other byte order.
    "OBXXXX1A_expb.dcm": 12.4433, "OBXXXX1A_2frame.dcm": 28.1116, "SC_ybr_full_uncompressed.dcm": 127.7333,
    "SC_rgb_jpeg.dcm": 243.9728, "SC_jpeg_no_color_transform_2.dcm": 245.6377, "US1_J2KI.dcm": 34.6906,
    "US1_J2KR.dcm": 34.5288, "US1_UNCR.dcm": 34.5288,
    "gdcm-US-ALOKA-16.dcm": 7641.6719,
    "mlut_18.dcm": 33177.1495, "color-px.dcm": 42.6622,
  ]

  @Test func coloursAndTablesAreApplied() throws {
    let data = try #require(ConformanceData.dicom)
    var checked = 0
    for row in data.rows {
      guard let expected = Self.means[(row["file"]! as NSString).lastPathComponent] else { continue }
      do {
        let values = try Volume.read(data.path(row)).interpreted().floats()
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        #expect(
          abs(mean - expected) < max(0.6, expected * 1e-4), "\(row["file"]!): \(mean), expected \(expected)")
        checked += 1
      } catch {
        Issue.record("\(row["file"]!): \(error)")
      }
    }
    #expect(checked >= 20)
  }

  /// Every readable image has a meaning, except segmentations without positions.
  @Test func everyReadableImageHasAMeaning() throws {
    let data = try #require(ConformanceData.dicom)
    let unplaced: Set = ["liver_1frame.dcm", "liver_expb_1frame.dcm"]
    for row in data.rows where row["pixels"] == "ok" {
      let volume = try Volume.read(data.path(row))
      let name = (row["file"]! as NSString).lastPathComponent
      if case .refused(let error) = volume.meaning, !unplaced.contains(name) {
        Issue.record("\(name): \(error.message)")
      }
    }
  }
}
