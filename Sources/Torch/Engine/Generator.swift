import CTorch

/// A stream of random numbers of the engine: PyTorch's Mersenne Twister on the CPU, Philox on a GPU.
///
/// The same seed gives the numbers that PyTorch gives after `torch.manual_seed`. There is no shared generator.
public final class Generator {
  let handle: OpaquePointer

  /// - Throws: ``TorchError`` with code `.unavailable` where there is no such device.
  public init(seed: UInt64, device: Device = .cpu) throws(TorchError) {
    handle = try adopt { ct_generator_new(seed, device.shim, $0, $1) }
  }

  deinit { ct_generator_free(handle) }
}
