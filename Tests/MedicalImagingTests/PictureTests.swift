import Foundation
import Testing

@testable import MedicalImaging

/// Pictures whose stored values differ from their appearance, compared with Pillow's reading of
/// `Fixtures/make_pictures.py`.
struct PictureTests {
  private static let expected: [String: Expected.Raster] = {
    do {
      let file = URL(fileURLWithPath: Fixtures.path("pictures.json"))
      return try JSONDecoder().decode([String: Expected.Raster].self, from: Data(contentsOf: file))
    } catch {
      preconditionFailure("pictures.json is not readable: \(error)")
    }
  }()

  private static var names: [String] { expected.keys.filter { !$0.hasSuffix("as labels") }.sorted() }

  private func read(_ name: String) throws -> Volume { try Volume.read(Fixtures.path("pictures/\(name)")) }

  @Test(arguments: names) func pictureMatchesPillow(_ name: String) throws {
    let expected = try #require(Self.expected[name])
    let volume = try read(name)
    #expect(volume.shape == expected.shape)
    // JPEG decoders may differ by a few grey levels; PNG decoders may not differ.
    let tolerance: Double = volume.source.isLossy ? 3 : 0
    #expect(greatestDifference(volume.floats(), expected.values) <= tolerance)
  }

  @Test func everyOrientationShowsTheSamePicture() throws {
    let encodings = try (1...8).map { try read("exif\($0).jpg").source.encoding }
    #expect(encodings[0] == nil)
    #expect(encodings[5] == "turned upright from EXIF orientation 6")
    #expect(try read("exif6.jpg").shape == [24, 16, 3])
  }

  @Test(arguments: ["exif8-text.png", "exif8-compressed.png", "exif8-international.png"])
  func damagedTextLeavesThePictureAsItIsStored(_ name: String) throws {
    var bytes = try Fixtures.bytes("pictures/\(name)")
    let place = try #require(bytes.firstRange(of: Array("exif\0".utf8))).upperBound
    for offset in 0..<24 { bytes[place + offset] = 0xFF }
    #expect(ExifOrientation.png(bytes) == .upright)
    for length in stride(from: 8, to: bytes.count, by: 7) {
      #expect([.upright, .turnedLeft].contains(ExifOrientation.png(Array(bytes.prefix(length)))))
    }
  }

  @Test func damagedMetadataLeaveThePictureAsItIsStored() throws {
    var bytes = try Fixtures.bytes("pictures/exif6.jpg")
    let place = try #require(bytes.firstRange(of: Array("Exif\0\0".utf8)))
    // Move the directory's offset beyond the block.
    for offset in 4..<8 { bytes[place.upperBound + offset] = 0x7F }
    #expect(try Fixtures.read(bytes, as: "damaged.jpg").shape == [16, 24, 3])
  }

  @Test func colouredPaletteOfAMaskYieldsItsCodes() throws {
    let expected = try #require(Self.expected["labels.png as labels"])
    let mask = try Volume.readMask(Fixtures.path("pictures/labels.png"))
    #expect(mask.shape == expected.shape && greatestDifference(mask.floats(), expected.values) == 0)
    #expect(try Volume.readMask(Fixtures.path("pictures/palette-alpha.png")).voxels == mask.voxels)
  }

  /// A palette of greys is a grey picture. A palette whose first entry is light does not mark class codes.
  @Test(arguments: ["grey-palette.png", "light-first.png"])
  func otherPalettesOfAMaskStayColours(_ name: String) throws {
    #expect(try Volume.readMask(Fixtures.path("pictures/\(name)")) == read(name))
  }

  @Test func cmykPictureIsRefusedByName() throws {
    let error = try #require(throws: ImageError.self) { try read("cmyk.jpg") }
    #expect(error.code == .unsupported && error.message.contains("CMYK"))
    #expect(error.message.contains("save it as an RGB or grey picture"))
  }
}
