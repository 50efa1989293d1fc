import Foundation

/// The kernel's figures for this process's memory, in bytes.
enum ProcessMemory {
  static func peak() -> Int { field("VmHWM") }
  static func anonymous() -> Int { field("RssAnon") }

  private static func field(_ name: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return (line?.split(separator: "\t").last?.split(separator: " ").first { !$0.isEmpty }).flatMap {
      Int($0)
    }.map { $0 * 1024 } ?? 0
  }
}
