import Foundation

/// Formats a number of bytes for people: `4.2 MB`.
struct ByteCount: CustomStringConvertible {
  var bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  var description: String {
    var (value, unit) = (Double(bytes), "bytes")
    for larger in ["kB", "MB", "GB", "TB"] where value >= 1000 { (value, unit) = (value / 1000, larger) }
    return unit == "bytes" ? "\(bytes) bytes" : String(format: "%.1f %@", value, unit)
  }
}
