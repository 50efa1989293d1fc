import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

/// Broken or malicious files: each causes an error that names the file and the problem.
struct HostileFileTests {
  static let faults: [(header: String, dataBytes: Int, fault: String)] = [
    ("{}", 4, "4 bytes after the last tensor"),
    ("", 0, "expected '{'"),
    ("[]", 0, "expected '{'"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", 4, "expected '}'"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}x", 4, "the end of the header"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "cut short"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "needs 8 bytes but has 4"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "a gap before tensor 'w'"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 8, "expected a start and an end"),
    ("{\"w\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown type 'F31'"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "a whole number"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "expected ']'"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4, "too large"),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,4]}}", 4, "too large"
    ),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "lacks dtype, shape or data_offsets"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"dtype\":\"F32\"}}", 4, "repeated key"),
    (
      "{\"w\":{\"dtype\":\"F32\",\"extra\":[1],\"data_offsets\":[0,4]}}", 4, "unknown or repeated key 'extra'"
    ),
    ("{\"w", 0, "does not end"),
    ("{\"w\\x\":{}}", 0, "not valid"),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "'w' appears twice"
    ),
    (
      "{\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "tensor 'w' overlaps"
    ),
    ("{\"__metadata__\":{\"consilium.parts\":\"model\"}}", 0, "not a JSON array"),
    ("{\"__metadata__\":{\"consilium.parts\":\"[\\\"a\\\",\\\"a\\\"]\"}}", 0, "names a part twice"),
    ("{\"__metadata__\":{\"a\":1}}", 0, "expected '\"'"),
    // No values, but extents whose product overflows.
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", 0, "too large"
    ),
    (
      "{\"__metadata__\":{\"consilium.parts\":\"["
        + (0...64).map { "\\\"\($0)\\\"" }.joined(separator: ",") + "]\"}}", 0, "more than 64 parts"
    ),
    (String(repeating: "{\"a\":", count: 10_000), 0, "unknown or repeated key 'a'"),
  ]

  @Test(arguments: faults)
  func malformedHeaderIsRefused(header: String, dataBytes: Int, fault: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("hostile.safetensors")
    try safetensors(header, dataBytes: dataBytes).write(to: file)
    try expectFault(fault) { try ParameterFile.read(from: file) }
    try expectFault("hostile.safetensors") { try ParameterFile.read(from: file) }
  }

  @Test(arguments: [
    (Data(), "it is empty"), (Data(count: 7), "too few"),
    (Data(repeating: 0xFF, count: 16), "at most 100000000"),
    (Data([99, 0, 0, 0, 0, 0, 0, 0, 1]), "cut short"),
  ])
  func invalidHeaderLengthIsRefused(bytes: Data, fault: String) throws {
    let folder = try TemporaryFolder()
    try bytes.write(to: folder.file("broken.safetensors"))
    try expectFault(fault) { try ParameterFile.readModel(from: folder.file("broken.safetensors")) }
  }

  @Test func folderAndMissingFileAreRefused() throws {
    let folder = try TemporaryFolder()
    try expectFault("not a regular file") { try ParameterFile.readModel(from: folder.url) }
    try expectFault("No such file") { try ParameterFile.readModel(from: folder.file("missing")) }
  }

  /// Every truncation of a valid file causes an error, never a crash.
  @Test func everyTruncationIsRefused() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: fixture("single.safetensors"))
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: folder.file("cut.safetensors"))
      #expect(throws: ConsiliumError.self) {
        try ParameterFile.readModel(from: folder.file("cut.safetensors"))
      }
    }
  }

  /// A changed byte anywhere in the header yields a model or an error, never a crash.
  @Test func everyChangedHeaderByteIsSurvived() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: fixture("single.safetensors"))
    var generator = RandomStream(seed: 1)
    for index in 0..<min(whole.count, 400) {
      var changed = whole
      changed[index] = UInt8.random(in: 0...255, using: &generator)
      try changed.write(to: folder.file("changed.safetensors"))
      do { _ = try ParameterFile.readModel(from: folder.file("changed.safetensors")) } catch {
        #expect(error.message.contains("changed.safetensors"))
      }
    }
  }
}
