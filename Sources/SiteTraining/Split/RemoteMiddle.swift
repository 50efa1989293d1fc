import FederatedCore
import Torch

/// The site's end of a turn of split learning: sends activations and gradients to the host of the middle.
final class RemoteMiddle {
  /// Sends a frame and returns the host's reply.
  typealias Exchange = (StageMessage) throws -> StageMessage

  let cut: ModelCut
  private let arithmetic: Arithmetic
  private let send: Exchange
  private let check: HostCheck?
  /// The factor with which the host must still scale the gradients of its last step.
  private var clipScale: Double?
  private var norms: [Float] = []
  private lazy var step = RemoteStep(
    forward: { [unowned self] in try sendDown($0) }, backward: { [unowned self] in try sendUp($0) })
  private var inputShape: [Int] = []

  /// - Parameters:
  ///   - check: Compares the host's replies; `nil` to trust the host.
  ///   - exchange: Sends a frame to the host and returns its reply.
  init(
    _ cut: ModelCut, arithmetic: Arithmetic, check: HostCheck? = nil, exchange: @escaping Exchange
  ) {
    self.cut = cut
    self.arithmetic = arithmetic
    self.check = check
    send = exchange
  }

  private func exchange(_ frame: StageMessage) throws -> StageMessage {
    let reply = try send(frame)
    try check?.compare(reply, to: frame)
    return reply
  }

  /// Begins the turn.
  ///
  /// - Parameter offset: The vector that SCAFFOLD adds to the gradients of the whole model; `nil` for none.
  func open(exampleShape: [Int], offset: ModelParameters?) throws {
    var frame = StageMessage(.open)
    frame[.inputs] = exampleShape[0]
    frame[.dimensions] = exampleShape.count - 1
    frame[.precision] = arithmetic.precision
    frame.tensors[SplitTensor.offset] = offset.map { .f32(cut.middleValues(of: $0)) }
    _ = try exchange(frame)
  }

  /// Computes the output of the model, with the middle at the host.
  func output(of input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try cut.model.run(input, mode, around: cut.name) { input throws(TorchError) in try step(input) }
  }

  /// Runs a forward or backward pass. Throws the error of the exchange with the host, if that failed.
  func during<Result>(_ pass: () throws -> Result) throws -> Result { try step.throwingOwnErrors(pass) }

  /// The factor by which clipping scales the gradients of both halves.
  ///
  /// - Parameter own: The norms of the gradients of the site's layers.
  func clipScale(_ own: [Float], to limit: Double) throws -> Double {
    let all = try cut.join(norms: own, ofMiddle: norms)
    let scale = try TensorList.clipScale(all, to: limit, on: arithmetic.device)
    clipScale = scale
    return scale
  }

  /// Ends the turn.
  ///
  /// - Returns: The change of the middle.
  func finish() throws -> VectorBuffer<Float> {
    var frame = StageMessage(.finish)
    frame[.clipScale] = takeScale()
    guard let delta = try exchange(frame).f32(SplitTensor.delta) else {
      throw ConsiliumError(.invalidUpdate, "the host's last reply lacks the change of the middle")
    }
    return delta
  }

  private func sendDown(_ input: Tensor) throws -> Tensor {
    inputShape = input.shape
    norms = []
    var frame = try StageMessage(.down, carrying: input)
    frame[.clipScale] = takeScale()
    return try exchange(frame).tensor(on: arithmetic.device)
  }

  private func sendUp(_ gradient: Tensor) throws -> Tensor {
    let reply = try exchange(StageMessage(.upGradient, carrying: gradient))
    norms = reply.f32(SplitTensor.norms).map { $0.withUnsafeValues { Array($0) } } ?? []
    let result = try reply.tensor(on: arithmetic.device)
    guard result.shape == inputShape else {
      throw ConsiliumError(
        .invalidUpdate,
        "the host sent a gradient of the shape \(result.shape) for activations of the shape \(inputShape)")
    }
    return result
  }

  private func takeScale() -> Double? {
    defer { clipScale = nil }
    return clipScale
  }
}
