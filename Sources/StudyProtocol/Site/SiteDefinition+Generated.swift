import Foundation

extension SiteDefinition {
  /// True where the data are what `data phantom` made, which says so in a README.
  ///
  /// - Parameter root: the folder against which the definition's paths are resolved.
  public func isGenerated(in root: URL) -> Bool {
    let readme = root.appending(path: data).appending(path: "README.md")
    return (try? String(contentsOf: readme, encoding: .utf8))?.hasPrefix("# Generated") == true
  }
}
