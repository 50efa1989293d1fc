/// The frames of split learning: the site keeps the first and the last layers of the model and its labels, a
/// host computes the layers between.
///
/// A turn is one conversation:
/// 1. `open`, answered by `opened`: what the host needs to know before the first step.
/// 2. In each step, `down` (activations), answered by `up`, then `up-gradient`, answered by `down-gradient`. A
///    batch without a loss has only the first of the two.
/// 3. `finish`, answered by `delta`: the change of the middle.
public enum SplitFrames {
  /// The kinds of the site's frames.
  public static let kinds: Set<StageMessage.Kind> = [.open, .down, .upGradient, .finish]

  /// The frames of a turn with at most this number of optimizer steps.
  public static func schema(mostSteps: Int) -> StreamSchema {
    let tensor = { (kind: StageMessage.Kind) in
      MessageSchema(kind, tensors: [SplitTensor.single: .f32, SplitTensor.half: .bf16])
        .with(.shape).with(.channelsLast)
    }
    let gradient = MessageSchema(
      .downGradient, tensors: [SplitTensor.single: .f32, SplitTensor.half: .bf16, SplitTensor.norms: .f32])
    return StreamSchema(
      frames: [
        MessageSchema(.open, tensors: [SplitTensor.offset: .f32]).with(.inputs).with(.dimensions)
          .with(.precision),
        tensor(.down).with(.clipScale), tensor(.upGradient), MessageSchema(.finish).with(.clipScale),
      ],
      replies: [
        MessageSchema(.opened), tensor(.up), gradient.with(.shape).with(.channelsLast),
        MessageSchema(.delta, tensors: [SplitTensor.delta: .f32]),
      ], mostFrames: 2 * mostSteps + 2)
  }
}

/// The names of the tensors in the frames of split learning.
public enum SplitTensor {
  /// Activations or their gradient, in single precision.
  public static let single = "values"
  /// Activations or their gradient, in half precision.
  public static let half = "half-values"
  /// SCAFFOLD's offset for the middle: all values of the middle's entries, in the order of the layout.
  public static let offset = "offset"
  /// The norm of the gradient of each trainable entry of the middle, in the order of the layout; negative for
  /// an entry without a gradient. Present if the study clips gradients.
  public static let norms = "norms"
  /// The change of the middle: all values of its entries, in the order of the layout.
  public static let delta = "delta"
}

extension StageMessage.Kind {
  /// The site's frame that begins a turn of split learning.
  public static let open = Self("open")
  public static let opened = Self("opened")
  /// The site's activations at the cut: an image-like map of each patient of the batch.
  public static let down = Self("down")
  /// The host's activations after the middle.
  public static let up = Self("up")
  /// The gradient of the loss with respect to the host's activations.
  public static let upGradient = Self("up-gradient")
  /// The gradient of the loss with respect to the site's activations.
  public static let downGradient = Self("down-gradient")
  /// The site's frame that ends a turn of split learning.
  public static let finish = Self("finish")
  public static let delta = Self("delta")
}

extension FactKey<[Int]> {
  /// The shape of a tensor.
  public static let shape = FactKey("shape")
}

extension FactKey<Int> {
  /// 1 if the channels of a tensor vary fastest in memory, otherwise 0. A frame has the values in this order.
  public static let channelsLast = FactKey("channels-last")
  /// The number of channels of an image, or of features in a table row.
  public static let inputs = FactKey("inputs")
  /// The number of spatial axes of an example; 0 for a table.
  public static let dimensions = FactKey("dimensions")
}

extension FactKey<String> {
  /// The precision in which the site computes: `bf16` or `fp32`. The host must compute in the same.
  public static let precision = FactKey("precision")
}

extension FactKey<Double> {
  /// The factor by which clipping scales the gradients of the step before this frame; at most 1.
  public static let clipScale = FactKey("clip-scale")
}
