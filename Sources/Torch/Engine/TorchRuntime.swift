import CTorch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The engine as a whole: its versions, its threads and the capabilities of the hardware.
///
/// Settings apply to the whole process. Change them before creating the first tensor, and record them with
/// the run.
public enum TorchRuntime {
  /// The version of libtorch.
  public static var version: String { String(cString: ct_version()) }

  /// The instruction set that libtorch's own kernels use on this CPU, such as `AVX512`.
  public static var cpuCapability: String { adoptText(ct_cpu_capability()) }

  /// The version of oneDNN, which computes convolutions on CPUs.
  public static var oneDNNVersion: String { adoptText(ct_onednn_version()) }

  /// The version of MKL, which computes matrix products on CPUs, or a statement that this build has none.
  public static var mklVersion: String { adoptText(ct_mkl_version()) }

  /// The number of threads of each kernel.
  public static var threadCount: Int { Int(ct_thread_count()) }

  /// Sets the number of threads of each kernel, for calls from all threads.
  ///
  /// The number changes the order in which kernels sum, and so the last bits of results. Therefore it is part
  /// of the record of a run.
  /// - Throws: ``TorchError`` with code `.invalidArgument` if `count` is not positive.
  public static func setThreadCount(_ count: Int) throws(TorchError) {
    try check { ct_set_thread_count(Int32(clamping: count), $0) }
  }

  /// Restricts libtorch to kernels that always return the same bits for the same input. An operation that has
  /// no such kernel throws.
  public static func setDeterministic(_ on: Bool) { ct_set_deterministic(on) }

  /// Keeps freed memory in the process instead of returning it to the system after each large tensor.
  ///
  /// This avoids page faults in every step, but the process never shrinks.
  public static func keepFreedMemory() { ct_keep_freed_memory() }

  /// Whether the device multiplies bfloat16 in hardware, so that ``autocast(to:on:_:)`` speeds up training.
  public static func isBFloat16Fast(on device: Device) -> Bool { ct_bfloat16_is_fast(device.shim) }

  /// The number of usable GPUs; 0 in a build for the CPU.
  public static var cudaDeviceCount: Int { Int(ct_cuda_count()) }

  private static func adoptText(_ text: UnsafeMutablePointer<CChar>) -> String {
    defer { free(text) }
    return String(cString: text)
  }
}
