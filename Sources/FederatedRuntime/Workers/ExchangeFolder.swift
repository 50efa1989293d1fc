import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// A folder through which parameters pass between this program and its engine processes, as mapped files.
///
/// A model that several sites need at once is written once. The folder holds nothing that a resumed run needs.
public actor ExchangeFolder {
  public nonisolated let directory: URL
  private let spares: SpareFiles?
  private var models: [LentModel] = []

  private struct LentModel {
    let model: ModelParameters
    let url: URL
    var borrowers: Int
  }

  /// Creates the folder where it does not exist, and removes what an earlier run left in it.
  ///
  /// - Parameter spares: over which engines write what they make.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package init(_ directory: URL, spares: SpareFiles?) throws(ConsiliumError) {
    (self.directory, self.spares) = (directory, spares)
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
    return plain.hasPrefix(prefix) && !plain.hasPrefix("\(prefix)\(ProcessMark.text)-")
  }

  /// The name of a file that does not exist yet, also not in another value's folder.
  nonisolated func newFile() -> URL {
    let number = fileCount.wrappingAdd(1, ordering: .relaxed).newValue
    return directory.appending(path: "\(Self.prefix)\(ProcessMark.text)-\(number).safetensors")
  }

  /// The name of a file that an engine is about to write.
  nonisolated func outputFile() -> URL {
    let url = newFile()
    spares?.place(at: url.path)
    return url
  }

  /// Hands `body` a file with these parameters, which others may read at the same time.
  func withFile<R: Sendable>(_ model: ModelParameters, _ body: (URL) async throws -> R) async throws -> R {
    let url = try lend(model)
    defer { giveBack(url) }
    return try await body(url)
  }

  private func lend(_ model: ModelParameters) throws -> URL {
    if let index = models.firstIndex(where: {
      $0.model.buffer.sharesMemory(with: model.buffer) && $0.model.layout == model.layout
    }) {
      models[index].borrowers += 1
      return models[index].url
    }
    // The one before is no longer lent as a rule, and is not needed again.
    removeUnused()
    let url = newFile()
    try ParameterFile.share(model, to: url, durability: .fast)
    models.append(LentModel(model: model, url: url, borrowers: 1))
    return url
  }

  private func giveBack(_ url: URL) {
    guard let index = models.firstIndex(where: { $0.url == url }) else { return }
    models[index].borrowers -= 1
  }

  private func removeUnused() {
    for model in models where model.borrowers == 0 { unlink(model.url.path) }
    models.removeAll { $0.borrowers == 0 }
  }

  /// Removes all files that are not in use, and lets go of their models.
  public func clear() { removeUnused() }
}

private let fileCount = Atomic(0)
