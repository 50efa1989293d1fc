import Testing

@testable import MedicalImaging

/// Spacing, position and scale as a NIfTI header states them or leaves them open (nifti1.h).
struct NiftiGeometryTests {
  private func volume(_ change: (inout NiftiBuilder) -> Void = { _ in }) throws -> Volume {
    var builder = NiftiBuilder()
    change(&builder)
    return try builder.volume()
  }

  /// The units are unknown, metres, millimetres and micrometres; the other bits are the unit of time.
  @Test(arguments: [(0, 1), (1, 1000), (2, 1), (3, 0.001), (10, 1), (11, 0.001)] as [(UInt8, Double)])
  func lengthsAreInMillimetres(code: UInt8, scale: Double) throws {
    for sform in [Int16(0), 1] {
      let geometry = try volume {
        $0.put(code, at: 123)
        $0.codes(qform: 1, sform: sform)
      }.geometry
      #expect(greatestDifference(geometry.spacing, [scale, 2 * scale, 3 * scale]) < 1e-6 * scale)
      #expect(greatestDifference(geometry.origin, [-10 * scale, -20 * scale, 30 * scale]) < 1e-5 * scale)
      #expect(geometry.stated == .all)
    }
  }

  @Test func unknownUnitStatesNoMillimetres() throws {
    let geometry = try volume { $0.put(UInt8(5), at: 123) }.geometry
    #expect(geometry.stated == .direction)
  }

  @Test(arguments: [0, Float.nan, .infinity])
  func nonFiniteFormFallsBackToTheOther(_ value: Float) throws {
    let geometry = try volume { $0.fillForm(value) }.geometry
    #expect(greatestDifference(geometry.spacing, [1, 2, 3]) < 1e-12 && geometry.stated == .all)
    #expect(geometry.origin == [-10, -20, 30])
  }

  @Test(arguments: [0, Float.nan])
  func brokenFormAloneStatesNothing(_ value: Float) throws {
    let geometry = try volume {
      $0.fillForm(value)
      $0.codes(qform: 0, sform: 1)
    }.geometry
    #expect(!geometry.isStated)
  }

  /// Two axes in the same direction would give two voxels the same position.
  @Test func singularFormFallsBackToTheOther() throws {
    let geometry = try volume {
      for column in 0..<3 { $0.put(Float(1), at: 280 + 4 * column) }
      for row in 1..<3 { for column in 0..<3 { $0.put(Float(0), at: 280 + 16 * row + 4 * column) } }
    }.geometry
    #expect(greatestDifference(geometry.spacing, [1, 2, 3]) < 1e-12)
  }

  @Test func onlyTheVoxelSizeIsStatedWithoutAForm() throws {
    let geometry = try volume { $0.codes(qform: 0, sform: 0) }.geometry
    #expect(geometry.stated == .spacing && geometry.spacing == [1, 2, 3])
  }

  @Test(arguments: [0, Float.nan, .infinity])
  func axisWithoutASizeHasNoSpacing(_ size: Float) throws {
    let unplaced = try volume {
      $0.codes(qform: 0, sform: 0)
      $0.put(size, at: 88)
    }.geometry
    #expect(unplaced.stated == .planeSpacing)
    let placed = try volume {
      $0.codes(qform: 1, sform: 0)
      $0.put(size, at: 88)
    }.geometry
    #expect(placed.stated == [.planeSpacing, .direction, .origin])
  }

  /// A turn by 180° about z in 32-bit floats: nibabel's matrix is exact, and so is ours.
  @Test func quaternionRoundingCausesNoRotation() throws {
    let geometry = try volume {
      $0.codes(qform: 1, sform: 0)
      $0.put(Float(1).nextDown, at: 264)
    }.geometry
    #expect(greatestDifference(geometry.direction.x, [1, 0, 0]) < 1e-6)
    #expect(greatestDifference(geometry.direction.y, [0, 1, 0]) < 1e-6)
    #expect(geometry.directionError > 1e-4 && geometry.directionError < 2e-3)
    #expect(try volume().geometry.directionError == 0)
  }

  @Test func nonFiniteOffsetIsRefused() throws {
    let error = #expect(throws: ImageError.self) {
      try volume {
        $0.codes(qform: 1, sform: 0)
        $0.put(Float.nan, at: 268)
      }
    }
    #expect(error?.message.contains("qform offset") == true)
  }

  /// nibabel writes NaN for "no scale"; a slope of zero also means none.
  @Test(
    arguments: [(.nan, .nan, 1, 0), (.nan, 0, 1, 0), (0, 7, 1, 0), (2, 0.5, 2, 0.5)]
      as [(Float, Float, Double, Double)])
  func scaleIsStatedOrNot(slope: Float, intercept: Float, expected: Double, offset: Double) throws {
    let found = try volume {
      $0.put(slope, at: 112)
      $0.put(intercept, at: 116)
    }
    #expect(found.slope == expected && found.intercept == offset)
  }

  @Test(arguments: [(.infinity, 0), (2, .nan), (2, .infinity), (.nan, -1024)] as [(Float, Float)])
  func scaleWithOnlyOneFiniteNumberIsRefused(slope: Float, intercept: Float) throws {
    let error = #expect(throws: ImageError.self) {
      try volume {
        $0.put(slope, at: 112)
        $0.put(intercept, at: 116)
      }
    }
    #expect(error?.message.contains("scl_slope") == true)
  }

  /// With two dimensions, only the first slice of a volume would be read.
  @Test func dimensionsThatOmitVoxelsAreRefused() throws {
    let error = #expect(throws: ImageError.self) { try volume { $0.put(Int16(2), at: 40) } }
    #expect(error?.message.contains("correct dim[0]") == true)
  }

  @Test func inspectionPrintsOnlyWhatIsStated() throws {
    let unplaced = ImageInspection(try volume { $0.codes(qform: 0, sform: 0) }, file: "f")
    #expect(unplaced.spacing == nil && unplaced.voxelSize == [1, 2, 3])
    #expect(unplaced.text.contains("Geometry       not stated, but for voxels of 1 × 2 × 3 mm"))
    let unsized = ImageInspection(
      try volume {
        $0.codes(qform: 1, sform: 0)
        $0.put(Float(0), at: 80)
      }, file: "f")
    #expect(unsized.spacing == nil && unsized.origin == [-10, -20, 30])
    #expect(unsized.text.contains("Spacing        not stated"))
  }
}
