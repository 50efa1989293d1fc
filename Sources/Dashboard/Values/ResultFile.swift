import Foundation

/// A file among the results of a study that has ended, as `study results` fetches them.
public struct ResultFile: Sendable, Equatable {
  /// Within the results: `report.json`, `models/fedavg.safetensors`.
  public var path: String
  public var url: URL
  /// Bytes.
  public var size: Int

  public init(path: String, url: URL, size: Int) {
    self.path = path
    self.url = url
    self.size = size
  }

  /// The last part of its path.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
