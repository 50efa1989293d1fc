import FederatedCore

/// All errors of a study or site file, printed as a compiler would print them.
public struct StudyDiagnostics: Error, Sendable, Equatable, CustomStringConvertible {
  /// An error and its position.
  public struct Diagnostic: Sendable, Equatable, Codable, CustomStringConvertible {
    /// The file's name as it was given.
    public var file: String
    /// The line number, counted from 1; `nil` if the error has no single position.
    public var line: Int?
    /// The column number, counted from 1.
    public var column: Int?
    /// The key path, for example `training.optimizer.learning-rate`; empty if the error concerns the whole
    /// file.
    public var path: String
    /// The message: what is wrong, what was expected and, if a valid name is similar, that name.
    public var message: String

    public init(file: String, line: Int? = nil, column: Int? = nil, path: String = "", message: String) {
      self.file = file
      self.line = line
      self.column = column
      // Keep each text on one line: both may quote the file.
      self.path = path.onOneLine
      self.message = message.onOneLine
    }

    public var description: String {
      let place = [file, line.map(String.init), column.map(String.init)].compactMap { $0 }.joined(
        separator: ":")
      return path.isEmpty ? "\(place): error: \(message)" : "\(place): error: \(path): \(message)"
    }
  }

  /// The diagnostics, ordered by line; never empty.
  public var diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }

  /// The same diagnostics as an error of the product, with exit status 2.
  public var consiliumError: ConsiliumError { ConsiliumError(.invalidInput, description, cause: self) }
}
