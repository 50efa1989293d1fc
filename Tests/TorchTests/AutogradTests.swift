import Testing
import Torch

@Suite struct AutogradTests {
  private func parameter(_ values: [Float]) throws -> Tensor {
    let tensor = try Tensor(values)
    try tensor.setRequiresGrad()
    return tensor
  }

  @Test func gradientOfAPolynomial() throws {
    let x = try parameter([1, 2, 3])
    #expect(try x.grad == nil)
    try (x.power(3) + x * 2).sum().backward()
    #expect(try x.grad?.values() == [5, 14, 29])
  }

  @Test func gradientsAccumulateUntilCleared() throws {
    let x = try parameter([4])
    for _ in 0..<2 { try (x * 3).sum().backward() }
    #expect(try x.grad?.values() == [6])
    x.zeroGrad()
    #expect(try x.grad == nil)
  }

  @Test func backwardStartsFromTheGivenGradient() throws {
    let x = try parameter([1, 2])
    try (x * x).backward(Tensor([1, 10] as [Float]))
    #expect(try x.grad?.values() == [2, 40])
  }

  @Test func noGraphWithoutGradients() throws {
    let x = try parameter([1])
    let untracked = try noGrad { try x * 2 }
    let tracked = try x * 2
    #expect(!untracked.requiresGrad && tracked.requiresGrad)
    #expect(try tracked.detach().requiresGrad == false)
  }

  @Test func gradientModeIsRestoredAfterAnError() throws {
    let x = try parameter([1])
    #expect(throws: TorchError.self) { try noGrad { try x.sum([9]) } }
    let tracked = try x * 2
    #expect(tracked.requiresGrad)
  }

  @Test func autocastKeepsMasterWeights() throws {
    let layer = try Linear(from: 8, to: 4, generator: Generator(seed: 1))
    let input = try Tensor.normal([3, 8], generator: Generator(seed: 2))
    let output = try autocast(to: .bfloat16) { try layer(input) }
    #expect(output.dtype == .bfloat16)
    #expect(layer.weight.dtype == .float32)
    try output.to(.float32).sum().backward()
    #expect(try layer.weight.grad?.dtype == .float32)
    #expect(try layer(input).dtype == .float32)
  }

  @Test func autocastUsesUpdatedWeights() throws {
    let layer = try Linear(from: 2, to: 1, bias: false, generator: Generator(seed: 1))
    let input = try Tensor.ones([1, 2])
    let before = try autocast(to: .bfloat16) { try layer(input) }.item()
    try layer.weight.copy(from: Tensor([3, 4] as [Float], shape: [1, 2]))
    let after = try autocast(to: .bfloat16) { try layer(input) }.item()
    #expect(before != 7 && after == 7)
  }

  @Test func autocastEndsAfterAnErrorAndNests() throws {
    let a = try Tensor.ones([2, 2])
    #expect(throws: TorchError.self) { try autocast(to: .bfloat16) { try a.sum([5]) } }
    #expect(try a.matmul(a).dtype == .float32)
    try autocast(to: .bfloat16) {
      let inner = try autocast(to: .float32) { try a.matmul(a) }
      let outer = try a.matmul(a)
      #expect(inner.dtype == .float32 && outer.dtype == .bfloat16)
    }
  }
}
