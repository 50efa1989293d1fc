import Foundation
import Testing

@testable import MedicalImaging

/// Damaged or unsuitable files cause an error that names them, never a crash or a partial image.
struct BrokenFileTests {
  private static let whole = [
    "little.nii", "big.nii.gz", "second.nii.gz", "fortran.npy", "stored.npz", "colour.png", "grey16.png",
    "colour.jpg",
    "progressive.jpg", "series/a",
  ]

  @Test(arguments: whole)
  func everyTruncationIsRefused(_ name: String) throws {
    let bytes = try Fixtures.bytes(name)
    // The last bytes may be padding or a checksum that a decoder may ignore.
    let last = name.hasSuffix(".png") || name.hasSuffix(".gz") ? bytes.count - 13 : bytes.count - 2
    for length in stride(from: 1, through: last, by: max(1, bytes.count / 60)) {
      let error = #expect(throws: ImageError.self, "\(name) cut to \(length) bytes") {
        try Fixtures.read(Array(bytes.prefix(length)), as: "cut.bin")
      }
      #expect(error?.message.hasPrefix("cut.bin: ") == true)
    }
  }

  @Test(arguments: whole)
  func noFlippedByteCrashes(_ name: String) throws {
    let bytes = try Fixtures.bytes(name)
    for (turn, position) in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 100)).enumerated() {
      var damaged = bytes
      damaged[position] = turn % 3 == 0 ? 0xFF : damaged[position] ^ UInt8(1 << (turn % 8))
      do {
        let volume = try Fixtures.read(damaged, as: "flipped.bin")
        #expect(volume.voxels.count > 0)
      } catch {
        #expect(error is ImageError)
      }
    }
  }

  @Test func errorsDistinguishEmptyAbsentAndFolder() throws {
    let empty = #expect(throws: ImageError.self) {
      try Fixtures.withTemporaryFolder { folder in
        try Data().write(to: URL(fileURLWithPath: folder + "/empty.dcm"))
        return try Volume.read(folder + "/empty.dcm")
      }
    }
    #expect(empty?.message.hasSuffix("empty.dcm: is empty (0 bytes)") == true)
    let absent = #expect(throws: ImageError.self) { try Volume.read("/nowhere/image.nii") }
    #expect(absent?.message == "/nowhere/image.nii: cannot be read: No such file or directory")
    let folder = #expect(throws: ImageError.self) {
      try Fixtures.withTemporaryFolder { try Volume.read($0) }
    }
    #expect(folder?.message.hasSuffix("holds no DICOM files") == true)
  }

  @Test(arguments: [
    ("%PDF-1.7 scan", "a PDF document"), ("GIF89a....", "a GIF image"), ("patient,age\n1,60\n", "text"),
    ("NRRD0004\n", "an NRRD volume"),
  ])
  func foreignContentIsNamed(_ content: String, _ name: String) throws {
    let error = #expect(throws: ImageError.self) {
      try Fixtures.read(Array(content.utf8), as: "image.nii.gz")
    }
    #expect(error?.code == .unknownFormat)
    #expect(error?.message.contains("the content is \(name)") == true)
  }

  @Test func mislabelledFileIsReadByItsContent() throws {
    #expect(try Fixtures.read(Fixtures.bytes("colour.png"), as: "scan.dcm").source.format == "PNG")
    #expect(try Fixtures.read(Fixtures.bytes("series/a"), as: "photo.jpg").source.format == "DICOM")
  }
}
