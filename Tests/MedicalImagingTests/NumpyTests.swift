import Testing

@testable import MedicalImaging

struct NumpyTests {
  @Test(arguments: Fixtures.expected.numpy.keys.sorted())
  func arraysMatchNumPy(_ name: String) throws {
    let expected = try #require(Fixtures.expected.numpy[name])
    let array = try NumpyArchive(path: Fixtures.path("deflated.npz")).array(name)
    #expect(array.shape == expected.shape)
    #expect(array.elements.sha256 == expected.sha256)
  }

  @Test func partsOfAStackAreItsImages() throws {
    let stack = try NumpyArchive(path: Fixtures.path("stored.npz")).array("only")
    let second = stack.part(1)
    #expect(second.shape == [3, 4])
    #expect(second.elements.floats() == Array(stack.elements.floats()[12...]))
    #expect(try second.volume().axes == [.row, .column])
  }

  @Test func oneArrayIsAnImageAndSeveralAreRefusedByName() throws {
    #expect(try Volume.read(Fixtures.path("stored.npz")).shape == [2, 3, 4])
    #expect(
      try Volume.read(Fixtures.path("fortran.npy")).voxels.sha256
        == Fixtures.expected.numpy["fortran"]?.sha256)
    let error = #expect(throws: ImageError.self) { try Volume.read(Fixtures.path("deflated.npz")) }
    #expect(error?.message.contains("u1, i2, i4") == true)
  }

  @Test func missingArrayIsRefusedListingTheExistingNames() throws {
    let archive = try NumpyArchive(path: Fixtures.path("stored.npz"))
    let error = #expect(throws: ImageError.self) { try archive.array("train_images") }
    #expect(error?.message.hasSuffix("has no array 'train_images'; it has only") == true)
  }

  @Test func aDamagedMemberFailsItsChecksum() throws {
    var bytes = try Fixtures.bytes("stored.npz")
    let data = try #require(bytes.firstRange(of: Array("NUMPY".utf8))).lowerBound
    bytes[data + 130] ^= 1
    let error = #expect(throws: ImageError.self) { try Fixtures.read(bytes, as: "damaged.npz") }
    #expect(error?.message.contains("checksum") == true)
  }
}
