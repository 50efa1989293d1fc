import Foundation

/// A result file of a study that has ended, as fetched by `study results`.
public struct ResultFile: Sendable, Equatable {
  /// The path within the results, such as `report.json` or `models/fedavg.safetensors`.
  public var path: String
  public var url: URL
  /// The size in bytes.
  public var size: Int

  public init(path: String, url: URL, size: Int) {
    self.path = path
    self.url = url
    self.size = size
  }

  /// The last component of the path.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
