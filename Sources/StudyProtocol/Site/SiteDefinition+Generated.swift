import Foundation

extension SiteDefinition {
  /// Whether the command `data phantom` generated the data. The command states this in a README.
  ///
  /// - Parameter root: The folder against which the definition's paths are resolved.
  public func isGenerated(in root: URL) -> Bool {
    let readme = root.appending(path: data).appending(path: "README.md")
    return (try? String(contentsOf: readme, encoding: .utf8))?.hasPrefix("# Generated") == true
  }
}
