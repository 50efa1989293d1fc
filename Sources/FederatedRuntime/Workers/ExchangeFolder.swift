import FederatedCore
import Foundation
import ParameterFiles

/// A folder through which parameters pass between this program and its engine processes, as mapped files.
///
/// A model that several sites need at once is written once. The folder holds nothing that a resumed run needs.
public actor ExchangeFolder {
  public nonisolated let directory: URL
  private let spares: SpareFiles?
  private var lent = LentFiles<URL, Int>()
  private var borrowers = 0

  /// Creates the folder where it does not exist, and removes what an earlier run left in it.
  ///
  /// - Parameter spares: over which engines write what they make.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package init(_ directory: URL, spares: SpareFiles?) throws(ConsiliumError) {
    self.directory = directory
    self.spares = spares
    do {
      let files = FileManager.default
      try files.createDirectory(at: directory, withIntermediateDirectories: true)
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

  /// True for files of processes that are gone, since a run folder is used by one at a time; temporary ones begin with a dot.
  private static func isLeftOver(_ name: String) -> Bool {
    let plain = name.drop { $0 == "." }
    return ProcessMark.isOfAnother(plain, prefix)
  }

  /// The name of a file that does not exist yet, also not in another value's folder.
  nonisolated func newFile() -> URL {
    directory.appending(path: ProcessMark.newName(Self.prefix) + ".safetensors")
  }

  /// The name of a file that an engine is about to write.
  nonisolated func outputFile() -> URL {
    let url = newFile()
    spares?.place(at: url.path)
    return url
  }

  /// Hands `body` a file with these parameters, which others may read at the same time.
  func withFile<R: Sendable>(_ model: ModelParameters, _ body: (URL) async throws -> R) async throws -> R {
    borrowers += 1
    let borrower = borrowers
    let url = try lend(model, to: borrower)
    defer { lent.takeBack { $0 == borrower } }
    return try await body(url)
  }

  private func lend(_ model: ModelParameters, to borrower: Int) throws -> URL {
    let parameters = NamedParts(model)
    // The model lent before is no longer in use as a rule, and is not needed again.
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

  /// Removes all files that are not in use, and lets go of their models.
  public func clear() { removeUnused() }
}
