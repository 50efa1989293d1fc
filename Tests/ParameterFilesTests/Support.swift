import FederatedCore
import Foundation
import Testing

func fixture(_ name: String) throws -> URL {
  try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil)).appending(path: name)
}

/// The layout of the fixtures, in the order of make_fixtures.py.
let fixtureLayout = ParameterLayout(entries: [
  .init(name: "conv.weight", shape: [2, 1, 3]),
  .init(name: "conv.bias", shape: [2]),
  .init(name: "bn.running_mean", shape: [2], role: .buffer),
  .init(name: "scale", shape: []),
])

let fixtureValues = (0..<11).map { Float($0) * 0.5 - 3 }

/// A safetensors file with this header and this number of zero bytes.
func safetensors(_ header: String, dataBytes: Int = 0) -> Data {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
    + Data(count: dataBytes)
}

/// Two vectors of different layouts.
struct Pair: ParameterGroup {
  static let partNames = ["model", "control"]
  var parts: [ModelParameters]
  mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {
    for index in parts.indices { try body(index, &parts[index]) }
  }
}
