import CTorch

/// A random number generator of the engine: PyTorch's Mersenne Twister on the CPU, Philox on a GPU.
///
/// A seed yields the same numbers as PyTorch after `torch.manual_seed`. Unlike PyTorch, this module has no
/// global generator.
public final class Generator {
  let handle: OpaquePointer

  /// - Throws: ``TorchError`` with code `.unavailable` if the device does not exist.
  public init(seed: UInt64, device: Device = .cpu) throws(TorchError) {
    handle = try adopt { ct_generator_new(seed, device.shim, $0, $1) }
  }

  deinit { ct_generator_free(handle) }
}
