import Testing

@testable import MedicalImaging

/// Multi-frame files whose functional groups state the position of each frame and the meaning of its values.
struct DicomFramesTests {
  /// One frame of two pixels.
  private struct Frame {
    var depth: Double
    var pixels: [UInt8]
    var slope: String?
    /// Whether the frame has the group that scales it, but no slope in it.
    var lacksSlope = false
    var segment: Int?
    var orientation = "1\\0\\0\\0\\1\\0"
  }

  private static func sequence(_ builder: inout DicomBuilder, _ tag: DicomTag, _ items: [DicomBuilder]) {
    builder.element(tag, "SQ", items.flatMap { DicomBuilder.item($0.bareDataSet()) })
  }

  private static func group(_ frame: Frame) -> DicomBuilder {
    var (group, plane, position) = (DicomBuilder(), DicomBuilder(), DicomBuilder())
    position.text(.imagePosition, "DS", "0\\0\\\(frame.depth)")
    sequence(&group, .planePosition, [position])
    plane.text(.imageOrientation, "DS", frame.orientation)
    sequence(&group, .planeOrientation, [plane])
    if frame.slope != nil || frame.lacksSlope {
      var scale = DicomBuilder()
      scale.text(.rescaleIntercept, "DS", "-10")
      if let slope = frame.slope { scale.text(.rescaleSlope, "DS", slope) }
      sequence(&group, .pixelValueTransformation, [scale])
    }
    if let segment = frame.segment {
      var identification = DicomBuilder()
      identification.number(.referencedSegment, segment)
      sequence(&group, .segmentIdentification, [identification])
    }
    return group
  }

  private func read(
    _ frames: [Frame], photometric: String = "MONOCHROME2", segmentation type: String? = nil
  ) throws -> Volume {
    var builder = DicomBuilder()
    if let type {
      builder.text(.sopClass, "UI", "1.2.840.10008.5.1.4.1.1.66.4")
      builder.text(.segmentationType, "CS", type)
    }
    builder.describe(rows: 1, columns: 2, photometric: photometric, frames: frames.count)
    Self.sequence(&builder, .perFrameGroups, frames.map(Self.group))
    builder.element(.pixelData, "OB", frames.flatMap(\.pixels))
    return try Fixtures.read(builder.file(), as: "frames.dcm")
  }

  @Test(arguments: [("MONOCHROME2", UInt8(0)), ("MONOCHROME1", 0xFF)])
  func eachFrameHasItsOwnScaleAndPlace(_ photometric: String, _ turned: UInt8) throws {
    let frames = [(6.0, "3"), (0, "1"), (3, "2")].map { depth, slope in
      Frame(depth: depth, pixels: [5 ^ turned, 7 ^ turned], slope: slope)
    }
    let volume = try read(frames, photometric: photometric)
    #expect(volume.axes == [.slice, .row, .column] && volume.geometry.spacing.z == 3)
    #expect(try FloatImage(volume).values == [-5, -3, 0, 4, 5, 11])
  }

  @Test func severalImagesOfEachSliceAreReported() throws {
    let frames = [0.0, 1, 2, 0, 1, 2].map { Frame(depth: $0, pixels: [1, 2]) }
    let volume = try read(frames)
    #expect(volume.source.imagesPerSlice == 2)
    let text = ImageInspection(volume, file: "frames.dcm").text
    #expect(
      text.contains("Volumes          2 images of each slice, such as time points or echoes"), "\(text)")
    #expect(try read(Array(frames.prefix(3))).source.imagesPerSlice == nil)
    #expect(try read(Array(frames.prefix(4))).source.imagesPerSlice == nil)
  }

  @Test(arguments: [false, true])
  func slopeInOnlySomeFramesIsRefused(_ lacksSlope: Bool) {
    let frames = [
      Frame(depth: 0, pixels: [1, 2], slope: "2"), Frame(depth: 1, pixels: [1, 2], lacksSlope: lacksSlope),
    ]
    let error = #expect(throws: ImageError.self) { try read(frames) }
    #expect(error?.message.contains("1 of its 2 frames state a rescale slope") == true)
  }

  @Test(
    arguments: [
      ([0, 0, 3, 3], "4 frames at 2 positions"), ([0, 3, 6, 15], "slices are missing"),
    ] as [([Double], String)])
  func framesThatFormNoVolumeAreRefused(_ depths: [Double], _ reason: String) throws {
    let volume = try read(depths.map { Frame(depth: $0, pixels: [1, 2]) })
    let error = #expect(throws: ImageError.self) { try FloatImage(volume) }
    #expect(error?.message.contains(reason) == true)
  }

  @Test func framesOfSeveralOrientationsAreRefused() throws {
    let volume = try read([
      Frame(depth: 0, pixels: [1, 2]), Frame(depth: 3, pixels: [1, 2], orientation: "1\\0\\0\\0\\0\\-1"),
    ])
    let error = #expect(throws: ImageError.self) { try FloatImage(volume) }
    #expect(error?.message.contains("differ in orientation") == true)
  }

  /// Slices at 0, 3 and 12 mm; the file omits the empty slices between them.
  @Test func segmentFramesBecomeLabelsAtTheirPositions() throws {
    let volume = try read(
      [
        Frame(depth: 12, pixels: [1, 0], segment: 2), Frame(depth: 0, pixels: [0, 1], segment: 1),
        Frame(depth: 12, pixels: [0, 1], segment: 1), Frame(depth: 3, pixels: [1, 1], segment: 1),
      ], segmentation: "BINARY")
    let labels = try volume.asLabels()
    #expect(labels.floats() == [0, 1, 1, 1, 0, 0, 0, 0, 2, 1])
    let image = FloatImage(
      values: [Float](repeating: 0, count: 12), size: [6, 1, 2], geometry: Geometry(spacing: [1, 1, 3]))
    #expect(try FloatImage(labels).placed(on: image).values == [0, 1, 1, 1, 0, 0, 0, 0, 2, 1, 0, 0])
  }

  @Test func overlappingAndFractionalSegmentsAreRefused() throws {
    let both = [Frame(depth: 0, pixels: [1, 0], segment: 1), Frame(depth: 0, pixels: [1, 0], segment: 2)]
    let overlap = #expect(throws: ImageError.self) { try read(both, segmentation: "BINARY").asLabels() }
    #expect(overlap?.message.contains("segments 1 and 2 overlap") == true)
    let fraction = #expect(throws: ImageError.self) { try read(both, segmentation: "FRACTIONAL").asLabels() }
    #expect(fraction?.message.contains("FRACTIONAL") == true)
  }
}
