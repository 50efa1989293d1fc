import Foundation
import Testing

@testable import MedicalImaging

/// Compares what we read from the NIfTI collection with the expected values, which come from nibabel.
@Suite(.enabled(if: ConformanceData.nifti != nil))
struct NiftiConformanceTests {
  @Test func everyImageHasTheStatedShapeTypeScalingAndGeometry() throws {
    let data = try #require(ConformanceData.nifti)
    var checked = 0
    for row in data.rows where row["cls"]!.hasPrefix("Nifti") && row["error"]!.isEmpty {
      let file = row["file"]!
      let volume = try Volume.read(data.path(row))
      var extents = Array(row["shape"]!.split(separator: "x").compactMap { Int($0) }.reversed())
      if volume.channels > 1 { extents.append(volume.channels) }
      #expect(volume.shape == extents, "\(file)")
      if volume.channels == 1 {
        let stated = row["dtype"]!.replacing(">f4", with: "float32").replacing(">i2", with: "int16")
        #expect(volume.voxels.type.rawValue == stated, "\(file)")
      }
      #expect(
        isClose(volume.slope, Double(row["slope"]!)!) && isClose(volume.intercept, Double(row["inter"]!)!),
        "\(file)")
      checkAffine(volume.geometry, row)
      checkValues(volume, row)
      checked += 1
    }
    #expect(checked >= 20)
  }

  @Test func headersWithoutTheirVoxelsAndOtherFormatsAreRefusedByName() throws {
    let data = try #require(ConformanceData.nifti)
    for row in data.rows
    where !row["cls"]!.hasPrefix("Nifti") && !row["cls"]!.hasPrefix("Cifti")
      || row["error"]!.hasPrefix("data")
    {
      let error = #expect(throws: ImageError.self, "\(row["file"]!)") { try Volume.read(data.path(row)) }
      #expect(error?.message.contains(row["file"]!) == true)
    }
  }

  @Test func ciftiMatricesKeepTheirShape() throws {
    let data = try #require(ConformanceData.nifti)
    let row = try #require(data.rows.first { $0["cls"]! == "Cifti2Image" })
    #expect(try Volume.read(data.path(row)).shape == [10, 10])
  }

  /// The manifest gives the first three rows of nibabel's RAS affine to five significant digits.
  private func checkAffine(_ geometry: Geometry, _ row: [String: String]) {
    let affine = row["affine"]!.split(separator: " ").compactMap { Double($0) }
    guard affine.count == 12 else { return }
    let origin = geometry.position(of: .zero)
    for axis in 0..<3 {
      var step = SIMD3<Double>.zero
      step[axis] = 1
      let column = geometry.position(of: step) - origin
      for (rowIndex, sign) in [(0, -1.0), (1, -1.0), (2, 1.0)] {
        let expected = affine[rowIndex * 4 + axis]
        #expect(abs(column[rowIndex] * sign - expected) < 1e-4 * max(1, abs(expected)), "\(row["file"]!)")
      }
    }
    for (rowIndex, sign) in [(0, -1.0), (1, -1.0), (2, 1.0)] {
      let expected = affine[rowIndex * 4 + 3]
      #expect(abs(origin[rowIndex] * sign - expected) < 1e-4 * max(1, abs(expected)), "\(row["file"]!)")
    }
  }

  private func checkValues(_ volume: Volume, _ row: [String: String]) {
    guard let low = Double(row["min"]!), let high = Double(row["max"]!), let mean = Double(row["mean"]!)
    else { return }
    let values = volume.floats().map(Double.init)
    #expect(isClose(values.min()!, low, 1e-5) && isClose(values.max()!, high, 1e-5), "\(row["file"]!)")
    #expect(isClose(values.reduce(0, +) / Double(values.count), mean, 1e-4), "\(row["file"]!)")
  }

  private func isClose(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-7) -> Bool {
    abs(value - expected) <= tolerance * max(1, abs(expected))
  }
}
