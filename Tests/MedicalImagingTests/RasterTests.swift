import Testing

@testable import MedicalImaging

struct RasterTests {
  @Test(arguments: Fixtures.expected.raster.keys.sorted())
  func decodingMatchesPillow(_ name: String) throws {
    let expected = try #require(Fixtures.expected.raster[name])
    let volume = try Volume.read(Fixtures.path(name))
    #expect(volume.shape == expected.shape)
    // JPEG decoders may differ by two grey levels; PNG decoders may not differ.
    let tolerance: Double = volume.source.isLossy ? 2 : 0
    #expect(greatestDifference(volume.floats(), expected.values) <= tolerance)
  }

  @Test(arguments: [1, 3])
  func writtenPNGReadsBack(_ channels: Int) throws {
    let pixels = (0..<7 * 5 * channels).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let file = try PNGWriter.encode(pixels, rows: 7, columns: 5, channels: channels)
    let volume = try Fixtures.read(file, as: "panel.png")
    #expect(volume.voxels.bytes == pixels)
    #expect(volume.shape == (channels == 1 ? [7, 5] : [7, 5, 3]))
  }

  @Test func manyThreadsDecodeAtOnce() async throws {
    let names = ["colour.jpg", "colour.png", "big.nii.gz", "series/a", "stored.npz"]
    let single = try names.map { try Volume.read(Fixtures.path($0)) }
    try await withThrowingTaskGroup(of: (Int, Volume).self) { group in
      for index in 0..<200 {
        group.addTask { (index % names.count, try Volume.read(Fixtures.path(names[index % names.count]))) }
      }
      for try await (index, volume) in group { #expect(volume == single[index]) }
    }
  }
}
