import Testing

@testable import Torch

@Suite struct TensorTests {
  @Test func shapesThatDoNotFitThrow() throws {
    let a = try Tensor([1, 2, 3] as [Float])
    let b = try Tensor([1, 2] as [Float])
    let error = #expect(throws: TorchError.self) { try a + b }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("must match the size") == true)
  }
}
