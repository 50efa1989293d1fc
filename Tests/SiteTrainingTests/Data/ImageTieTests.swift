import FederatedCore
import MedicalImaging
import StudyProtocol
import Testing

@testable import SiteTraining

struct ImageTieTests {
  /// An image of patient P1, and changes to it.
  private func image(_ change: (inout ImageProvenance) -> Void = { _ in }) -> ImageProvenance {
    var image = ImageProvenance()
    image.patient = "P1"
    image.examination = "1.1"
    image.frameOfReference = "1.2"
    image.series = ["1.3"]
    image.instances = ["1.3.1", "1.3.2"]
    change(&image)
    return image
  }

  /// A segmentation drawn on `image()`, and changes to it.
  private func segmentation(_ change: (inout ImageProvenance) -> Void = { _ in }) -> ImageProvenance {
    image { mask in
      mask.series = ["1.4"]
      mask.instances = ["1.4.1"]
      mask.sourceSeries = ["1.3"]
      mask.sourceInstances = ["1.3.1", "1.3.2"]
      change(&mask)
    }
  }

  private func check(
    _ own: ImageProvenance, on images: [ImageProvenance]? = nil, isSegmentation: Bool = true
  ) throws -> ImageFault? {
    var source = ImageSource(format: "DICOM")
    source.provenance = own
    if isSegmentation { source.sopClass = "1.2.840.10008.5.1.4.1.1.66.4" }
    let mask = try #require(try SmallImages.study().element(.target))
    let record = Record(group: "1", values: ["lesion": .file("/data/mask.dcm")], place: "table.csv:2")
    return try ImageTie(element: mask, record: record, images: images ?? [image()]).check(source)
  }

  private func refusal(
    _ own: ImageProvenance, on images: [ImageProvenance]? = nil, isSegmentation: Bool = true
  ) -> ImageFault? {
    #expect(throws: ImageFault.self) { try check(own, on: images, isSegmentation: isSegmentation) }
  }

  @Test func itsOwnSegmentationPasses() throws { #expect(try check(segmentation()) == nil) }

  @Test func filesThatStateNothingPass() throws {
    #expect(try check(ImageProvenance()) == nil)
    #expect(try check(segmentation(), on: [ImageProvenance()]) == nil)
    #expect(try check(segmentation(), on: []) == nil)
  }

  @Test func anotherPatientIsRefusedWithoutItsIdentifier() {
    for isSegmentation in [true, false] {
      let fault = refusal(segmentation { $0.patient = "P2" }, isSegmentation: isSegmentation)
      #expect(fault?.rule == .patient && fault?.values == ["P2", "P1"] && fault?.place == "/data/mask.dcm")
      #expect(fault?.message.contains("of another patient (0010,0020)") == true)
      #expect(fault?.message.contains("P2") == false)
    }
  }

  @Test func identifiersThatDifferInCaseAreOnePatient() throws {
    #expect(try check(segmentation { $0.patient = "p1" }) == nil)
  }

  @Test func segmentationOfAnotherSeriesElsewhereIsRefused() {
    let other = segmentation {
      $0.sourceSeries = ["2.3"]
      $0.sourceInstances = ["2.3.1"]
      $0.frameOfReference = "2.2"
    }
    #expect(refusal(other)?.message.contains("names other images than the record's as its source") == true)
    let sameFrame = segmentation {
      $0.sourceSeries = ["2.3"]
      $0.sourceInstances = ["2.3.1"]
      $0.examination = "2.1"
    }
    #expect(refusal(sameFrame)?.rule == .patient)
  }

  /// The segmentation could have been drawn on another sequence of the same examination.
  @Test func segmentationOfAnotherSeriesInTheSameFramePasses() throws {
    let other = segmentation {
      $0.sourceSeries = ["1.9"]
      $0.sourceInstances = ["1.9.1"]
    }
    #expect(try check(other) == nil)
  }

  @Test func oneOfSeveralImagesIsEnough() throws {
    let second = image {
      $0.series = ["1.8"]
      $0.instances = ["1.8.1"]
      $0.frameOfReference = "1.7"
    }
    #expect(try check(segmentation(), on: [second, image()]) == nil)
  }

  @Test func anotherFrameOfReferenceIsRefused() {
    let other = segmentation { $0.frameOfReference = "9.9" }
    #expect(refusal(other)?.message.contains("another frame of reference (0020,0052)") == true)
  }

  /// A mask that is not a segmentation is compared by its patient only: programs assign new UIDs to derived
  /// images.
  @Test func pictureAsMaskMayHaveItsOwnFrame() throws {
    #expect(try check(segmentation { $0.frameOfReference = "9.9" }, isSegmentation: false) == nil)
  }

  @Test func replacedIdentifiersAreAWarning() throws {
    let image = image {
      $0.isDeidentified = true
      $0.frameOfReference = "7.2"
      $0.examination = "7.1"
      $0.series = ["7.3"]
      $0.instances = ["7.3.1"]
    }
    let note = try check(segmentation(), on: [image])
    #expect(note?.severity == .warning && note?.message.contains("(0012,0062)") == true)
    #expect(refusal(segmentation { $0.patient = "P2" }, on: [image])?.severity == .error)
  }

  @Test func twoPseudonymsOfOneImageAreAWarning() throws {
    let note = try check(
      segmentation {
        $0.isDeidentified = true
        $0.patient = "P2"
      })
    #expect(note?.severity == .warning && note?.message.contains("the same pseudonym") == true)
  }
}
