import CTorch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The engine as a whole: its versions, its threads and what the hardware can do.
///
/// Settings hold for the whole process; make them once, before the first tensor, and record them with the run.
public enum Engine {
  /// The version of libtorch.
  public static var version: String { String(cString: ct_version()) }

  /// The instruction set that libtorch's own kernels use here, such as `AVX512`.
  public static var cpuCapability: String { adoptText(ct_cpu_capability()) }

  /// The version of oneDNN, which does the convolutions on CPUs.
  public static var oneDNNVersion: String { adoptText(ct_onednn_version()) }

  /// The version of MKL, which does the matrix products on CPUs; says so where there is none.
  public static var mklVersion: String { adoptText(ct_mkl_version()) }

  /// The number of threads of each kernel.
  public static var threadCount: Int { Int(ct_thread_count()) }

  /// Sets the number of threads of each kernel, whichever thread calls it.
  ///
  /// Kernels sum in another order with another count, so the count belongs to the record of a run.
  /// - Throws: ``TorchError`` with code `.invalidArgument` where `count` is not positive.
  public static func setThreadCount(_ count: Int) throws(TorchError) {
    try check { ct_set_thread_count(Int32(clamping: count), $0) }
  }

  /// Chooses kernels that give the same bits each time, and throws where there is none.
  public static func setDeterministic(_ on: Bool) { ct_set_deterministic(on) }

  /// Keeps freed memory in the process instead of giving each large tensor back to the system.
  ///
  /// Saves the page faults of every step; the process keeps its largest size.
  public static func keepFreedMemory() { ct_keep_freed_memory() }

  /// True where the device multiplies bfloat16 in hardware, so that ``autocast(to:on:_:)`` makes training faster.
  public static func isBFloat16Fast(on device: Device) -> Bool { ct_bfloat16_is_fast(device.shim) }

  /// The number of GPUs that can be used; 0 in a build for the CPU.
  public static var cudaDeviceCount: Int { Int(ct_cuda_count()) }

  private static func adoptText(_ text: UnsafeMutablePointer<CChar>) -> String {
    defer { free(text) }
    return String(cString: text)
  }
}
