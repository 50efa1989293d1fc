import Testing
import Torch

@Suite struct TorchRuntimeTests {
  @Test func reportsVersionsAndThreads() {
    #expect(TorchRuntime.version.hasPrefix("2."))
    #expect(
      !TorchRuntime.cpuCapability.isEmpty && !TorchRuntime.oneDNNVersion.isEmpty
        && !TorchRuntime.mklVersion.isEmpty)
    #expect(TorchRuntime.threadCount > 0)
  }

  @Test func missingDeviceThrows() throws {
    let missing = Device.cuda(TorchRuntime.cudaDeviceCount)
    for body in [
      { _ = try Tensor.zeros([1], device: missing) }, { _ = try Generator(seed: 0, device: missing) },
      { _ = try Tensor.zeros([1]).to(missing) },
    ] as [() throws -> Void] {
      let error = #expect(throws: TorchError.self, performing: body)
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("CUDA device \(TorchRuntime.cudaDeviceCount) is not available") == true)
    }
  }

  @Test func generatorRepeatsItself() throws {
    func draw(_ seed: UInt64) throws -> [Float] {
      try Tensor.uniform([16], low: 2, high: 3, generator: Generator(seed: seed)).values()
    }
    #expect(try draw(1) == draw(1))
    #expect(try draw(1) != draw(2))
    #expect(try draw(1).allSatisfy { (2..<3).contains($0) })
    // torch.manual_seed(0); torch.rand(2)
    let known = try Tensor.uniform([2], generator: Generator(seed: 0)).values()
    #expect(abs(known[0] - 0.49625659) < 1e-7 && abs(known[1] - 0.76822180) < 1e-7)
  }

  // Run these tests in separate processes, since both concern the whole process.

  @Test func threadCountHoldsOnEveryThread() async {
    await #expect(processExitsWith: .success) {
      #expect(throws: TorchError.self) { try TorchRuntime.setThreadCount(0) }
      try TorchRuntime.setThreadCount(1)
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 {
          group.addTask {
            _ = try Tensor.ones([8]).sum()
            return TorchRuntime.threadCount
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(counts == [1, 1, 1, 1])
    }
  }

  @Test func thousandStepsLeakNothing() async {
    await #expect(processExitsWith: .success) {
      try TorchRuntime.setThreadCount(1)
      TorchRuntime.keepFreedMemory()
      TorchRuntime.setDeterministic(true)
      let generator = try Generator(seed: 1)
      let model = Sequential(
        try Convolution(dimensions: 2, from: 1, to: 4, kernel: 3, generator: generator), try BatchNorm(4),
        ReLU(), MaxPool(kernel: 2), Flatten(), Dropout(0.2), try Linear(from: 36, to: 2, generator: generator)
      )
      let optimizer = try SGD(FlatState(of: model).trainable(), momentum: 0.9)
      let input = try Tensor.normal([4, 1, 8, 8], generator: generator)
      let target = try Tensor([0, 1, 0, 1] as [Int64])
      let before = Tensor.liveCount
      for _ in 0..<1000 {
        optimizer.parameters.zeroGrad()
        let output = try autocast(to: .bfloat16) { try model(input, .training(generator)) }
        try CrossEntropyLoss()(output.to(.float32), target).backward()
        try optimizer.parameters.clipGradNorm(to: 1)
        try optimizer.step(learningRate: 1e-3)
        if let impossible = try? output.sum([7]) { Issue.record("summed over an axis of \(impossible)") }
      }
      #expect(before > 0 && Tensor.liveCount == before)
    }
  }
}
