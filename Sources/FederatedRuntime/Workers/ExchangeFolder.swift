import FederatedCore
import Foundation
import ParameterFiles

/// A folder through which the main process and its workers exchange parameters as mapped files.
///
/// A model that several sites need at the same time is written once. A resumed run does not need the folder's
/// old files.
public actor ExchangeFolder {
  public nonisolated let directory: URL
  private let spares: SpareFiles?
  private var lent = LentFiles<URL, Int>()
  private var borrowers = 0

  /// Creates the folder if it does not exist, and removes files of an earlier run.
  ///
  /// - Parameter spares: Recycled files, over which the workers write their output.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package init(_ directory: URL, spares: SpareFiles?) throws(ConsiliumError) {
    self.directory = directory
    self.spares = spares
    try DurableFolder.create(directory)
    do {
      let files = FileManager.default
      for name in try files.contentsOfDirectory(atPath: directory.path)
      where Self.isLeftOver(name) {
        try files.removeItem(at: directory.appending(path: name))
      }
    } catch {
      throw ConsiliumError(.storage, "cannot use the folder '\(directory.path)': \(error)", cause: error)
    }
  }

  public init(_ directory: URL) throws(ConsiliumError) { try self.init(directory, spares: nil) }

  private static let prefix = "exchange-"

  /// Whether a file was left behind by a process that has ended. This is true of every file with a different
  /// process's mark, since only one process at a time uses a run folder. A temporary file's name has a dot
  /// before the prefix.
  private static func isLeftOver(_ name: String) -> Bool {
    let plain = name.drop { $0 == "." }
    return ProcessMark.isOfAnother(plain, prefix)
  }

  /// A new file name, unique among the folders of all `ExchangeFolder`s.
  nonisolated func newFile() -> URL {
    directory.appending(path: ProcessMark.newName(Self.prefix) + ".safetensors")
  }

  /// A file name for the output of a worker.
  nonisolated func outputFile() -> URL {
    let url = newFile()
    spares?.place(at: url.path)
    return url
  }

  /// Calls `body` with a file of these parameters. Other calls may use the same file at the same time.
  func withFile<R: Sendable>(_ model: ModelParameters, _ body: (URL) async throws -> R) async throws -> R {
    borrowers += 1
    let borrower = borrowers
    let url = try lend(model, to: borrower)
    defer { lent.takeBack { $0 == borrower } }
    return try await body(url)
  }

  private func lend(_ model: ModelParameters, to borrower: Int) throws -> URL {
    let parameters = NamedParts(model)
    // Remove the files of earlier models that are no longer in use: they are not needed again.
    if !lent.holds(parameters) { removeUnused() }
    return try lent.lend(parameters, to: borrower) {
      let url = newFile()
      try ParameterFile.share(parameters, to: url, durability: .fast)
      return url
    }
  }

  private func removeUnused() {
    for url in lent.takeUnused() { unlink(url.path) }
  }

  /// Removes all files that are not in use and releases their models.
  public func clear() { removeUnused() }
}
