import FederatedCore
import Foundation
import Testing

struct ParameterLayoutTests {
  private func decode(shapes: [[Int]]) throws -> ParameterLayout {
    let entries = shapes.enumerated().map { index, shape in
      ParameterLayout.Entry(name: "w\(index)", shape: shape)
    }
    return try JSONDecoder().decode(ParameterLayout.self, from: JSONEncoder().encode(entries))
  }

  private static let possible: [[[Int]]] = [
    [], [[]], [[3, 4], [0], [5]], [[1 << 40]], [[1 << 39], [1 << 39]],
  ]

  private static let impossible: [[[Int]]] = [
    [[Int.max, 2]], [[Int.max, 2, 0]], [[-1]], [[-2, -3]], [[Int.min, -1]], [[1 << 40, 2]],
    [[1 << 40], [1]], [[Int.max], [Int.max]],
  ]

  @Test(arguments: possible)
  func decodedLayoutHasTheGivenShapes(shapes: [[Int]]) throws {
    let layout = try decode(shapes: shapes)
    #expect(layout.entries.map(\.shape) == shapes)
    #expect(layout.count == layout.entries.reduce(0) { $0 + $1.count })
  }

  @Test(arguments: impossible)
  func impossibleShapesAreRejected(shapes: [[Int]]) {
    #expect(throws: DecodingError.self) { try decode(shapes: shapes) }
  }
}
