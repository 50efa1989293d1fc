import Testing
import Torch

/// Compares losses and their gradients with PyTorch, MONAI and, for Cox, statsmodels.
@Suite struct LossTests {
  static let losses: [(String, @Sendable () throws -> any Loss)] = [
    ("cross-entropy", { CrossEntropyLoss() }),
    ("cross-entropy-weighted", { CrossEntropyLoss(classWeights: try Tensor([0.5, 1, 2, 4] as [Float])) }),
    ("cross-entropy-image", { CrossEntropyLoss() }),
    ("binary", { BinaryCrossEntropyLoss() }),
    ("binary-weighted", { BinaryCrossEntropyLoss(positiveWeight: try Tensor([3] as [Float])) }),
    ("dice-softmax", { DiceLoss() }),
    ("dice-softmax-3d", { DiceLoss() }),
    ("dice-no-background", { DiceLoss(includesBackground: false) }),
    ("dice-batch", { DiceLoss(poolsBatch: true) }),
    ("dice-weighted", { DiceLoss(classWeights: try Tensor([0.5, 1, 2] as [Float])) }),
    ("dice-sigmoid", { DiceLoss(.sigmoid) }),
    ("dice-sigmoid-empty", { DiceLoss(.sigmoid) }),
    ("dice-ce", { DiceCrossEntropyLoss() }),
    ("dice-ce-3d-no-background", { DiceCrossEntropyLoss(includesBackground: false) }),
    (
      "dice-ce-weighted",
      {
        DiceCrossEntropyLoss(
          classWeights: try Tensor([0.5, 1, 2] as [Float]), diceWeight: 0.7, crossEntropyWeight: 1.3)
      }
    ),
    ("dice-ce-sigmoid", { DiceCrossEntropyLoss(.sigmoid) }),
    ("focal-sigmoid", { FocalLoss(.sigmoid) }),
    ("focal-sigmoid-alpha", { FocalLoss(.sigmoid, gamma: 1.5, alpha: 0.25) }),
    ("focal-softmax", { FocalLoss() }),
    ("focal-softmax-alpha", { FocalLoss(alpha: 0.75) }),
    ("focal-classes", { FocalLoss() }),
    ("cox-breslow", { CoxLoss(ties: .breslow) }),
    ("cox-breslow-tied", { CoxLoss(ties: .breslow) }),
    ("cox-efron", { CoxLoss() }),
    ("cox-efron-tied", { CoxLoss() }),
    ("cox-efron-large", { CoxLoss() }),
  ]

  @Test func everyReferenceHasALoss() throws {
    let names = try references("losses.json", as: LossReference.self).map(\.name)
    #expect(names == Self.losses.map(\.0))
  }

  @Test(arguments: losses.map(\.0)) func agreesWithReference(_ name: String) throws {
    let reference = try #require(references("losses.json", as: LossReference.self).first { $0.name == name })
    let loss = try #require(Self.losses.first { $0.0 == name }).1()
    let output = try reference.output.tensor()
    try output.setRequiresGrad()
    let isMask = reference.target.shape == reference.output.shape || name.hasPrefix("cox")
    let value = try loss(output, isMask ? reference.target.tensor() : reference.target.classes())
    let found = try value.item()
    #expect(value.shape == [] && abs(found - reference.loss) <= 1e-5 * abs(reference.loss))
    try value.backward()
    try expectEqual(output.grad, reference.gradient, "gradient")
  }

  @Test(arguments: [DiceLoss.Activation.softmax, .sigmoid]) func wrongTargetShapeThrows(
    _ activation: DiceLoss.Activation
  ) throws {
    let output = try Tensor.zeros([2, 3, 4, 4])
    let target = try Tensor.zeros([2, 1, 4, 4], dtype: .int64)
    for loss in [DiceLoss(activation), FocalLoss(activation)] as [any Loss] {
      let error = #expect(throws: TorchError.self) { try loss(output, target) }
      #expect(error?.message.contains("expected a target of shape [2, ") == true)
    }
  }

  @Test func classOutsideTheClassesThrows() throws {
    let output = try Tensor.zeros([1, 3, 2])
    let target = try Tensor([0, 3] as [Int64], shape: [1, 2])
    for loss in [CrossEntropyLoss(), DiceLoss(), FocalLoss()] as [any Loss] {
      #expect(throws: TorchError.self) { try loss(output, target) }
    }
  }

  @Test func coxWithoutEventsIsZeroAndStillDifferentiable() throws {
    let output = try Tensor([1, 2] as [Float])
    try output.setRequiresGrad()
    let loss = try CoxLoss()(output, Tensor([3, 0, 4, 0] as [Float], shape: [2, 2]))
    try loss.backward()
    #expect(try loss.item() == 0)
    #expect(try output.grad?.values() == [0, 0])
  }

  @Test func coxRefusesTimesThatAreNotNumbers() throws {
    let target = try Tensor([3, 1, .nan, 1] as [Float], shape: [2, 2])
    #expect(throws: TorchError.self) { try CoxLoss()(Tensor([1, 2] as [Float]), target) }
  }

  @Test func lossOfHalfPrecisionOutputsIsFloat32() throws {
    let output = try Tensor.zeros([2, 3]).to(.bfloat16)
    let loss = try CrossEntropyLoss()(output, Tensor([0, 1] as [Int64]))
    #expect(loss.dtype == .float32)
  }
}
