import FederatedCore

/// All that is wrong with a study or site file, as a compiler would print it.
public struct StudyDiagnostics: Error, Sendable, Equatable, CustomStringConvertible {
  /// One fault and where it is.
  public struct Diagnostic: Sendable, Equatable, Codable, CustomStringConvertible {
    /// The file's name as it was given.
    public var file: String
    /// From 1; nil where the fault is not at one place.
    public var line: Int?
    /// From 1.
    public var column: Int?
    /// The key path, for example `training.optimizer.learning-rate`; empty for the whole file.
    public var path: String
    /// What is wrong, what was expected and, where there is one, the nearest valid name.
    public var message: String

    public init(file: String, line: Int? = nil, column: Int? = nil, path: String = "", message: String) {
      self.file = file
      self.line = line
      self.column = column
      self.path = path
      self.message = message
    }

    public var description: String {
      let place = [file, line.map(String.init), column.map(String.init)].compactMap { $0 }.joined(
        separator: ":")
      return path.isEmpty ? "\(place): error: \(message)" : "\(place): error: \(path): \(message)"
    }
  }

  /// In the order of their lines; never empty.
  public var diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }

  /// The same as an error of the product, with exit status 2.
  public var consiliumError: ConsiliumError { ConsiliumError(.invalidInput, description, cause: self) }
}
