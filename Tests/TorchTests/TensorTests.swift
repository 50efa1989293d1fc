import Testing
import Torch

@Suite struct TensorTests {
  private let matrix = [1, 2, 3, 4, 5, 6] as [Float]

  @Test func valuesRoundTrip() throws {
    #expect(try Tensor(matrix, shape: [2, 3]).values() == matrix)
    #expect(try Tensor([-5, 1 << 40] as [Int64]).values(as: Int64.self) == [-5, 1 << 40])
    #expect(try Tensor([true, false]).values(as: Bool.self) == [true, false])
    #expect(try Tensor([0, 255] as [UInt8]).values() == [0, 255])
    #expect(try Tensor([] as [Float]).values().isEmpty)
    #expect(try matrix.withUnsafeBufferPointer { try Tensor(copying: $0, shape: [6]) }.values() == matrix)
  }

  @Test func describesItselfWithoutValues() throws {
    let tensor = try Tensor(matrix, shape: [2, 3])
    #expect(tensor.description == "Tensor(float32, [2, 3], cpu)")
    #expect(tensor.rank == 2 && tensor.count == 6 && tensor.size(-1) == 3 && tensor.device == .cpu)
  }

  @Test(arguments: DType.allCases) func convertsTypes(_ dtype: DType) throws {
    let tensor = try Tensor([0, 1] as [Float]).to(dtype)
    #expect(tensor.dtype == dtype)
    #expect(try tensor.values(as: Double.self) == [0, 1])
  }

  @Test func readingAsAnotherMemoryLayoutIsRowMajor() throws {
    let values = (0..<24).map(Float.init)
    let tensor = try Tensor(values, shape: [1, 2, 3, 4]).contiguous(in: .channelsLast)
    #expect(tensor.isContiguous(in: .channelsLast) && !tensor.isContiguous())
    #expect(try tensor.values() == values)
  }

  @Test(arguments: [2, 3]) func singleChannelImagesStayChannelsLast(dimensions: Int) throws {
    let format = MemoryFormat.channelsLast(dimensions: dimensions)
    let layer = try Convolution(
      dimensions: dimensions, from: 1, to: 4, kernel: 3, generator: Generator(seed: 1))
    try layer.move(to: .cpu, format)
    let size = Array(repeating: 5, count: dimensions)
    let output = try layer(Tensor.zeros([2, 1] + size).contiguous(in: format))
    #expect(output.isContiguous(in: format) && !output.isContiguous())
  }

  typealias Operation = (String, [Float], @Sendable (Tensor, Tensor) throws -> Tensor)

  // Typed separately: the compiler takes too long for a single literal of all operations.
  static let operations: [Operation] = arithmetic + reductions

  private static let arithmetic: [Operation] = [
    ("add", [11, 22, 33, 14, 25, 36], { try $0 + $1 }),
    ("subtract", [-9, -18, -27, -6, -15, -24], { try $0 - $1 }),
    ("multiply", [10, 40, 90, 40, 100, 180], { try $0 * $1 }),
    ("divide", [0.1, 0.1, 0.1, 0.4, 0.25, 0.2], { try $0 / $1 }),
    ("scalars", [1, 2, 3, 4, 5, 6], { (a: Tensor, _) in try scaled(a) }),
    ("clamp", [2, 2, 3, 4, 5, 5], { a, _ in try a.clamp(2...5) }),
    ("maximum", [10, 20, 30, 10, 20, 30], { try $0.maximum($1) }),
    ("minimum", [1, 2, 3, 4, 5, 6], { try $0.minimum($1) }),
    ("select", [10, 20, 30, 4, 5, 6], { try $0.greater(3).select($0, else: $1) }),
    ("power", [1, 4, 9, 16, 25, 36], { a, _ in try a.power(2) }),
    ("round trip", [1, 2, 3, 4, 5, 6], { a, _ in try a.log().exp().power(2).squareRoot() }),
    ("negate", [1, 2, 3, 4, 5, 6], { a, _ in try (-a).abs() }),
  ]

  /// Returns a, computed with scalar operands on either side.
  private static func scaled(_ a: Tensor) throws -> Tensor {
    let inner: Tensor = try 1 - (a * 2 + 3) / 2
    let outer: Tensor = try 2 - inner
    return try outer - 3 + 0.5
  }

  private static let reductions: [Operation] = [
    ("matmul", [140, 320], { try $0.matmul($1.flatten()) }),
    ("sum", [21], { a, _ in try a.sum() }),
    ("sum of columns", [5, 7, 9], { a, _ in try a.sum([0]) }),
    ("mean of rows", [2, 5], { a, _ in try a.mean([-1]) }),
    ("max", [3, 6], { a, _ in try a.max([1]) }),
    ("min", [1], { a, _ in try a.min() }),
    ("argmax", [2, 2], { a, _ in try a.argmax(1) }),
    ("cumulative sum", [1, 2, 3, 5, 7, 9], { a, _ in try a.cumulativeSum(0) }),
    ("norm", [9.539392], { a, _ in try a.norm() }),
    ("transpose", [1, 4, 2, 5, 3, 6], { a, _ in try a.transpose(0, 1) }),
    ("permute", [1, 4, 2, 5, 3, 6], { a, _ in try a.permute([1, 0]) }),
    ("narrow", [2, 3, 5, 6], { a, _ in try a.narrow(1, 1..<3) }),
    ("flip", [3, 2, 1, 6, 5, 4], { a, _ in try a.flip([1]) }),
    ("pad", [0, 1, 2, 3, 0, 4, 5, 6], { a, _ in try a.pad([1, 0]) }),
    ("cat", [1, 2, 3, 4, 5, 6, 10, 20, 30], { try Tensor.cat([$0, $1.unsqueeze(0)], axis: 0) }),
    ("stack", [10, 20, 30, 10, 20, 30], { _, b in try Tensor.stack([b, b]) }),
    ("expand", [10, 20, 30, 10, 20, 30], { _, b in try b.expand([2, 3]) }),
    ("index select", [3, 1, 6, 4], { a, _ in try a.indexSelect(1, Tensor([2, 0] as [Int64])) }),
    (
      "gather", [2, 6],
      { a, _ in try a.gather(1, Tensor([1, 2] as [Int64], shape: [2, 1])).squeeze(1) }
    ),
    ("masked", [4, 5, 6], { a, _ in try a.select(where: a.greater(3)) }),
    ("equal", [0, 0, 1, 0, 0, 0], { a, _ in try a.equal(3).to(.float32) }),
    (
      "one-hot", [1, 0, 0, 0, 1, 0, 0, 0, 1],
      { _, _ in try Tensor([0, 1, 2] as [Int64]).oneHot(classes: 3) }
    ),
    (
      "one-hot of images", [1, 0, 0, 1],
      { _, _ in try Tensor([0, 1] as [Int64], shape: [1, 2]).oneHot(classes: 2) }
    ),
    (
      "index add", [10, 20, 33],
      { _, b in try b.indexAdd(0, Tensor([2, 2] as [Int64]), Tensor([1, 2] as [Float])) }
    ),
    ("relu", [0, 0, 0, 0, 0, 0], { a, _ in try (-a).relu() }),
    ("leaky relu", [-0.1, -0.2, -0.3, -0.4, -0.5, -0.6], { a, _ in try (-a).leakyRelu(slope: 0.1) }),
    ("softmax", [1, 1], { a, _ in try a.softmax(1).sum([1]) }),
    (
      "resize", [1, 1.25, 1.75, 2],
      { _, _ in
        try Tensor([1, 2, 1, 2] as [Float], shape: [1, 1, 2, 2]).resize(to: [1, 4]).reshape([4])
      }
    ),
  ]

  @Test(arguments: operations.map(\.0)) func operationReturnsTheExpectedValues(_ name: String) throws {
    let (_, expected, operation) = try #require(Self.operations.first { $0.0 == name })
    let found = try operation(Tensor(matrix, shape: [2, 3]), Tensor([10, 20, 30] as [Float])).values()
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-5 * max(abs(b), 1)) }
  }

  static let faults: [(String, TorchError.Code, @Sendable () throws -> Any)] = [
    ("shapes differ", .invalidArgument, { try Tensor([1, 2] as [Float]) + Tensor([1, 2, 3] as [Float]) }),
    ("too few values", .invalidArgument, { try Tensor([1, 2] as [Float], shape: [3]) }),
    ("negative shape", .invalidArgument, { try Tensor([1, 2] as [Float], shape: [-1, -2]) }),
    ("item of many", .invalidArgument, { try Tensor([1, 2] as [Float]).item() }),
    ("axis too far", .invalidArgument, { try Tensor([1, 2] as [Float]).sum([3]) }),
    ("nothing to join", .invalidArgument, { try Tensor.cat([], axis: 0) }),
    (
      "index outside", .invalidArgument, { try Tensor([1] as [Float]).indexSelect(0, Tensor([7] as [Int64])) }
    ),
    ("backward of many", .invalidArgument, { try Tensor([1, 2] as [Float]).backward() }),
    ("pooling a vector", .invalidArgument, { try Tensor([1, 2] as [Float]).maxPool(kernel: 2) }),
    ("no memory", .outOfMemory, { try Tensor.zeros([1 << 40, 1 << 12]) }),
  ]

  @Test(arguments: faults.map(\.0)) func faultIsATypedError(_ name: String) throws {
    let (_, code, fault) = try #require(Self.faults.first { $0.0 == name })
    let error = #expect(throws: TorchError.self) { _ = try fault() }
    #expect(error?.code == code)
    #expect(error?.message.isEmpty == false)
  }

  @Test func isFiniteDetectsInfinityAndNaN() throws {
    #expect(try Tensor([1, 2] as [Float]).isFinite())
    #expect(try Tensor([1, .nan] as [Float]).isFinite() == false)
    #expect(try Tensor([1, .infinity] as [Float]).isFinite() == false)
  }
}
