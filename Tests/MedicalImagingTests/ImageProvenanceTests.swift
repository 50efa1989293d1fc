import Foundation
import Testing

@testable import MedicalImaging

/// The provenance of DICOM files; the expected values come from pydicom.
struct ImageProvenanceTests {
  private func provenance(_ name: String) throws -> ImageProvenance {
    try #require(try Volume.read(FieldCases.path("mask-grid/dicom_seg/data/" + name)).source.provenance)
  }

  @Test func aSegmentationNamesTheFilesOnWhichItWasDrawn() throws {
    let (image, mask) = (try provenance("P01/ct"), try provenance("P01/seg_fwd.dcm"))
    #expect(image.patient == "P01" && mask.patient == "P01")
    #expect(image.instances.count == 6 && mask.sourceInstances == image.instances)
    #expect(image.series.count == 1 && mask.sourceSeries == image.series && mask.series != image.series)
    #expect(image.frameOfReference?.hasSuffix("85762384") == true)
    #expect(image.frameOfReference == mask.frameOfReference && image.examination == mask.examination)
    #expect(image.days == "2020-01-01"..."2020-01-01" && !image.isDeidentified)
    #expect(image.sourceInstances.isEmpty)
  }

  @Test func otherFormatsStateNoPatient() throws {
    #expect(try Volume.read(FieldCases.path("mask-grid/good/data/P01_img.nii.gz")).source.provenance == nil)
  }

  @Test(arguments: [
    ("20200131", "2020-01-31"), ("20000229", "2000-02-29"), ("19840101", "1984-01-01"),
    ("1984.01.02", "1984-01-02"), ("00010101", "0001-01-01"), ("19000229", nil), ("20201301", nil),
    ("20200100", nil), ("00000000", nil), ("2020013", nil), ("202001311", nil), ("2020-01-31", nil),
    ("+2020131", nil), ("٢٠٢٠٠١٣١", nil), ("20200101-20200202", nil), ("", nil),
  ])
  func days(text: String, day: String?) { #expect(ImageProvenance.day(text) == day) }

  /// Reads one slice for each list of dates: the dates of study, series and acquisition.
  private func days(_ slices: [[String]]) throws -> ClosedRange<String>? {
    try Fixtures.withTemporaryFolder { folder in
      for (index, dates) in slices.enumerated() {
        var builder = DicomBuilder()
        for (tag, date) in zip([DicomTag.studyDate, .seriesDate, .acquisitionDate], dates) {
          builder.text(tag, "DA", date)
        }
        builder.text(.imagePosition, "DS", "0\\0\\\(index)")
        builder.text(.imageOrientation, "DS", "1\\0\\0\\0\\1\\0")
        builder.describe(rows: 1, columns: 2)
        builder.element(.pixelData, "OB", [UInt8(index), 7])
        try Data(builder.file()).write(to: URL(fileURLWithPath: folder + "/\(index).dcm"))
      }
      return try Volume.read(folder).source.provenance?.days
    }
  }

  @Test func dayComesFromStudyThenSeriesThenAcquisition() throws {
    #expect(try days([["20200131", "20200202", "20200203"]]) == "2020-01-31"..."2020-01-31")
    #expect(try days([["", "20200202", "20200203"]]) == "2020-02-02"..."2020-02-02")
    #expect(try days([["", "", "20200203"]]) == "2020-02-03"..."2020-02-03")
    #expect(try days([["unknown", "2020", "20200203"]]) == "2020-02-03"..."2020-02-03")
    #expect(try days([["99999999", "xx", "\u{0}"]]) == nil)
  }

  @Test func aSeriesHasItsFirstAndLastDay() throws {
    #expect(try days([["20200201"], [""], ["20191231"]]) == "2019-12-31"..."2020-02-01")
  }
}
