import CTorch

/// A step of a network that is computed elsewhere, for example the middle layers of a split model at a host.
///
/// The step is one node of the graph. A single backward pass therefore covers the layers before and after it,
/// and gradients that meet at a skip connection are added in the same order as without the division.
public final class RemoteStep {
  /// Computes the output from the input, or the gradient of the input from the gradient of the output.
  public typealias Body = (Tensor) throws -> Tensor

  private let forward: Body
  private let backward: Body
  /// The error of a body. libtorch can only pass on a text.
  private var failure: (any Error)?

  public init(forward: @escaping Body, backward: @escaping Body) {
    self.forward = forward
    self.backward = backward
  }

  /// The output of the step: a new tensor, which requires a gradient if a graph is recorded.
  ///
  /// Call this, and the backward pass through the output, inside ``throwingOwnErrors(_:)``.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    let context = Unmanaged.passRetained(self).toOpaque()
    return try Tensor.make {
      ct_remote(
        input.handle, { RemoteStep.call(\.forward, $0, $1) }, { RemoteStep.call(\.backward, $0, $1) },
        context,
        { Unmanaged<RemoteStep>.fromOpaque($0).release() }, $0, $1)
    }
  }

  /// Runs `body`. If a body of the step fails in it, throws that body's own error instead of libtorch's.
  public func throwingOwnErrors<Result>(_ body: () throws -> Result) throws -> Result {
    failure = nil
    do {
      return try body()
    } catch {
      throw failure ?? error
    }
  }

  private static func call(
    _ body: KeyPath<RemoteStep, Body>, _ context: UnsafeMutableRawPointer, _ argument: OpaquePointer
  ) -> OpaquePointer? {
    let step = Unmanaged<RemoteStep>.fromOpaque(context).takeUnretainedValue()
    let argument = Tensor(adopting: argument)
    do {
      let result = try step[keyPath: body](argument)
      // The caller takes ownership, so it needs a handle of its own.
      return try adopt { ct_detach(result.handle, $0, $1) }
    } catch {
      step.failure = error
      return nil
    }
  }
}
