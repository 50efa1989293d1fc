import Foundation

/// What a process leaves behind for others on its machine.
package enum ProcessPrivacy {
  /// Makes the files of this process private, and keeps its memory, which may hold patients' images and keys,
  /// out of core dumps. Called first by every program; its workers inherit it.
  package static func begin() {
    umask(0o077)
    // With a limit of 0, Linux still passes the dump to a program that the system names (core_pattern); with
    // 1, it writes none at all.
    var limit = rlimit(rlim_cur: 1, rlim_max: 1)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    leaveMemoryOutOfCoreDumps()
  }

  /// Selects no memory for core dumps. A program of `core_pattern` can ignore the limit or raise it; it then
  /// gets a dump without memory. The selection survives `exec`, so programs that this one starts inherit it.
  private static func leaveMemoryOutOfCoreDumps() {
    // The kernel may lack the file, as in some containers; then the limit alone applies.
    let file = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "0", 1)
    close(file)
  }
}
