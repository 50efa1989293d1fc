import Testing
import Torch

@Suite struct RemoteStepTests {
  private struct Lost: Error, Equatable { var number: Int }

  private func parameter(_ values: [Float]) throws -> Tensor {
    let tensor = try Tensor(values)
    try tensor.setRequiresGrad()
    return tensor
  }

  /// d/dx sum(3·(2x)²) = 24x, where the square is computed elsewhere.
  @Test func gradientsPassThroughTheStep() throws {
    let x = try parameter([1, 2])
    var sent: [[Float]] = []
    var inner: Tensor?
    let step = RemoteStep {
      sent.append(try $0.values())
      inner = $0
      return try $0.power(2)
    } backward: {
      sent.append(try $0.values())
      return try $0 * #require(inner) * 2
    }
    let output = try step(x * 2)
    #expect(output.requiresGrad)
    try (output * 3).sum().backward()
    #expect(sent == [[2, 4], [3, 3]])
    #expect(try x.grad?.values() == [24, 48])
  }

  /// The other side can record a graph of its own within each body.
  @Test func bodiesRecordGradients() throws {
    let weight = try parameter([5])
    var pass: (input: Tensor, output: Tensor)?
    let step = RemoteStep {
      let input = try $0.clone()
      try input.setRequiresGrad()
      let output = try input * weight
      pass = (input, output)
      return output
    } backward: {
      let (input, output) = try #require(pass)
      try output.backward($0)
      return try #require(try input.grad)
    }
    let x = try parameter([3])
    try step(x).sum().backward()
    #expect(try x.grad?.values() == [5])
    #expect(try weight.grad?.values() == [3])
  }

  /// The first layers may have nothing to train. The other side must get its gradient nevertheless.
  @Test func anInputWithoutGraphStillHasABackwardPass() throws {
    var gradients: [[Float]] = []
    let step = RemoteStep {
      $0
    } backward: {
      gradients.append(try $0.values())
      return $0
    }
    let output = try step(Tensor([1, 2] as [Float]))
    #expect(output.requiresGrad)
    try output.sum().backward()
    #expect(gradients == [[1, 1]])
    let untracked = try noGrad { try step(Tensor([1] as [Float])) }
    #expect(!untracked.requiresGrad)
  }

  @Test func errorsOfTheBodiesComeOutUnchanged() throws {
    let x = try parameter([1])
    let broken = RemoteStep { _ in
      throw Lost(number: 1)
    } backward: {
      $0
    }
    #expect(throws: Lost(number: 1)) { try broken.throwingOwnErrors { try broken(x) } }
    #expect(throws: TorchError.self) { try broken(x) }
    let late = RemoteStep {
      $0
    } backward: { _ in
      throw Lost(number: 2)
    }
    let output = try late(x)
    #expect(throws: Lost(number: 2)) { try late.throwingOwnErrors { try output.sum().backward() } }
    #expect(throws: TorchError.self) { try late.throwingOwnErrors { try x.sum([9]) } }
  }

  @Test func aGradientOfAnotherShapeIsRefused() throws {
    let x = try parameter([1, 2])
    let step = RemoteStep {
      $0
    } backward: { _ in
      try Tensor([1, 2, 3] as [Float])
    }
    let output = try step(x)
    #expect(throws: TorchError.self) { try output.sum().backward() }
  }

  /// The graph keeps the step as long as it needs it, and no longer.
  @Test func theGraphKeepsTheStep() throws {
    final class Token {}
    var token: Token? = Token()
    weak let watched = token
    var output: Tensor?
    do {
      let kept = token
      let step = RemoteStep {
        $0
      } backward: {
        withExtendedLifetime(kept) {}; return $0
      }
      output = try step(parameter([1]))
    }
    token = nil
    #expect(watched != nil)
    try output?.sum().backward()
    output = nil
    #expect(watched == nil)
  }

  /// Norms of divided lists give the factor of clipping to the last bit.
  @Test func clipScaleIsThatOfTheWholeList() throws {
    let generator = try Generator(seed: 3)
    func list() throws -> [Tensor] {
      try (1...9).map { size in
        let tensor = try Tensor.zeros([size, 7])
        try tensor.setRequiresGrad()
        return tensor
      }
    }
    let gradients = try (1...9).map { try Tensor.normal([$0, 7], generator: generator) }
    let (whole, divided) = (try list(), try list())
    for tensors in [whole, divided] {
      for (tensor, gradient) in zip(tensors, gradients) { try (tensor * gradient).sum().backward() }
    }
    try TensorList(whole).clipGradNorm(to: 0.5)
    let halves = [try TensorList(Array(divided[..<4])), try TensorList(Array(divided[4...]))]
    let norms = try halves.flatMap { try $0.gradNorms() }
    let scale = try TensorList.clipScale(norms, to: 0.5, on: .cpu)
    #expect(scale < 1)
    for half in halves { try half.scaleGrad(by: scale) }
    #expect(try divided.map { try $0.grad?.values() } == whole.map { try $0.grad?.values() })
    #expect(try TensorList.clipScale([3, -1, 4], to: 10, on: .cpu) == 1)
  }
}
