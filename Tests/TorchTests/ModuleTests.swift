import Testing
import Torch

@Suite struct ModuleTests {
  private func model(seed: UInt64 = 1) throws -> Sequential {
    let generator = try Generator(seed: seed)
    return Sequential(named: [
      "features": Sequential(
        try Convolution(dimensions: 2, from: 1, to: 2, kernel: 3, bias: false, generator: generator),
        try BatchNorm(2), ReLU()),
      "pool": AdaptiveAveragePool(), "flatten": Flatten(), "absent": nil as Linear?,
      "head": try Linear(from: 2, to: 3, generator: generator),
    ])
  }

  private func exported(_ module: some Module) throws -> [Float] {
    let state = try FlatState(of: module)
    var values = [Float](repeating: .nan, count: state.count)
    try values.withUnsafeMutableBufferPointer { try state.export(to: $0) }
    return values
  }

  @Test func stateHasPyTorchsNamesAndOrder() throws {
    let state = try model().state
    #expect(
      state.map(\.name) == [
        "features.0.weight", "features.1.weight", "features.1.bias", "features.1.running_mean",
        "features.1.running_var", "head.weight", "head.bias",
      ])
    #expect(state.filter { $0.role == .buffer }.map(\.name).allSatisfy { $0.contains("running") })
    #expect(state[0].tensor.shape == [2, 1, 3, 3])
    #expect(try model().parameters.count == 5)
  }

  @Test func seedDecidesTheWeights() throws {
    #expect(try exported(model(seed: 4)) == exported(model(seed: 4)))
    #expect(try exported(model(seed: 4)) != exported(model(seed: 5)))
  }

  @Test(arguments: [MemoryFormat.contiguous, .channelsLast]) func flatStateRoundTrips(_ format: MemoryFormat)
    throws
  {
    let source = try model(seed: 1)
    let target = try model(seed: 2)
    try target.move(to: .cpu, format)
    let values = try exported(source)
    try values.withUnsafeBufferPointer { try FlatState(of: target).load(from: $0) }
    #expect(try exported(target) == values)
    let direct = try source.state.flatMap { try $0.tensor.values() }
    #expect(values == direct)
    #expect(target.state[0].tensor.requiresGrad && target.state[0].tensor.isContiguous(in: format))
  }

  @Test func flatStateOfAnotherSizeThrows() throws {
    let state = try FlatState(of: model())
    let values = [Float](repeating: 0, count: state.count + 1)
    let error = #expect(throws: TorchError.self) {
      try values.withUnsafeBufferPointer { try state.load(from: $0) }
    }
    #expect(error?.message.contains("\(state.count)") == true)
    #expect(throws: TorchError.self) {
      try values.withUnsafeBufferPointer { _ = try state.trainableCopies(from: $0) }
    }
  }

  @Test func trainableCopiesLeaveOutBuffers() throws {
    let model = try model()
    let state = try FlatState(of: model)
    let values = (0..<state.count).map(Float.init)
    let copies = try values.withUnsafeBufferPointer { try state.trainableCopies(from: $0) }
    var found = [Float](repeating: .nan, count: copies.scalarCount)
    try found.withUnsafeMutableBufferPointer { try copies.export(to: $0) }
    // The buffers of the batch normalisation are values 22 to 25.
    #expect(found == values.enumerated().filter { !(22..<26).contains($0.offset) }.map(\.element))
  }

  @Test func evaluationDoesNotTouchBuffers() throws {
    let model = try model()
    let before = try exported(model)
    let input = try Tensor.normal([4, 1, 5, 5], generator: Generator(seed: 9))
    _ = try model(input, .evaluation)
    #expect(try exported(model) == before)
    _ = try model(input, .training(Generator(seed: 0)))
    #expect(try exported(model) != before)
  }

  @Test func sameSeedsTrainToTheSameBits() throws {
    func trained() throws -> [Float] {
      let generator = try Generator(seed: 3)
      let model = Sequential(
        try Linear(from: 8, to: 64, generator: generator), ReLU(), Dropout(0.5),
        try Linear(from: 64, to: 2, generator: generator))
      let optimizer = try Adam(FlatState(of: model).trainable())
      let input = try Tensor.normal([32, 8], generator: generator)
      let target = try Tensor((0..<32).map { Int64($0 % 2) })
      for _ in 0..<20 {
        optimizer.parameters.zeroGrad()
        try CrossEntropyLoss()(model(input, .training(generator)), target).backward()
        try optimizer.step(learningRate: 0.01)
      }
      return try exported(model)
    }
    #expect(try trained() == trained())
  }
}
