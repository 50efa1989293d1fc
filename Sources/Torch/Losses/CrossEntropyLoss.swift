import CTorch

/// Cross-entropy of class scores (as `torch.nn.CrossEntropyLoss`).
///
/// Output: [n, classes, ...] scores. Target: [n, ...] class indices, int64. With class weights, the loss is
/// the weighted mean over the targets.
public struct CrossEntropyLoss: Loss {
  private let classWeights: Tensor?

  /// - Parameter classWeights: one weight per class, on the device of the outputs.
  public init(classWeights: Tensor? = nil) { self.classWeights = classWeights }

  public func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    let logits = try output.to(.float32)
    return try Tensor.make {
      ct_cross_entropy(logits.handle, target.handle, classWeights?.handle, $0, $1)
    }
  }
}

/// Cross-entropy of independent yes-or-no scores (as `torch.nn.BCEWithLogitsLoss`).
///
/// Output and target have the same shape. The target holds 0 and 1, of any type.
public struct BinaryCrossEntropyLoss: Loss {
  private let positiveWeight: Tensor?

  /// - Parameter positiveWeight: the weight of positives relative to negatives, in a shape that broadcasts
  ///   with the outputs.
  public init(positiveWeight: Tensor? = nil) { self.positiveWeight = positiveWeight }

  public func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    let logits = try output.to(.float32)
    let labels = try target.to(.float32)
    return try Tensor.make {
      ct_binary_cross_entropy(logits.handle, labels.handle, positiveWeight?.handle, true, $0, $1)
    }
  }
}
