import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Reporting
import RunStore
import StudyAgreement
import StudyRuns

/// The results of studies that have ended, as the participants fetch them.
extension CoordinatorService {
  func transfers(of id: String) -> URL { configuration.folder(of: id).appending(path: "transfer") }

  /// Removes the files in transfer of a study that will not continue.
  private func removeTransfers(of id: String) {
    try? FileManager.default.removeItem(at: transfers(of: id))
  }

  /// Offers the finished part of a study that ended early, if there is any.
  func salvage(_ id: String) async {
    removeTransfers(of: id)
    guard let entry = entries[id],
      // After a site has withdrawn, the agreement may no longer be valid. Earlier results stay available.
      let plan = entry.plan ?? (try? NetworkPlan(entry.study, members: entry.stored.agreement.signers))
    else { return }
    let folder = configuration.folder(of: id)
    let run = RunFolder(folder.appending(path: "run"))
    guard FileManager.default.fileExists(atPath: run.database.path(percentEncoded: false)) else { return }
    do {
      let endpoint = try endpoint(id, members: plan.members, folder: folder)
      let runner = runner(id, entry, plan, endpoint, events: { _ in })
      guard let outcome = try await runner.salvage(Self.ending(of: entry)) else { return }
      entries[id]?.endpoint = endpoint
      entries[id]?.files = outcome.files
      noteResults(nil, of: id)
    } catch {
      retry(id, after: "the finished part cannot be offered", error) { await $0.salvage(id) }
    }
  }

  /// The way in which a study ended early, such as `was aborted: too few patients`.
  private static func ending(of entry: Entry) -> String {
    let what = entry.stored.state == .aborted ? "was aborted" : "failed"
    let reason = entry.endedBecause ?? entry.stored.reason
    return reason.isEmpty ? what : "\(what): \(reason)"
  }

  /// Offers the results of a study that ended before the coordinator was started.
  func reopen(_ id: String) async {
    do {
      try await offerResults(of: id)
      noteResults(nil, of: id)
    } catch {
      // One study's missing file must not stop the others.
      retry(id, after: "its results cannot be offered", error) { await $0.reopen(id) }
      return
    }
    // The coordinator was stopped before it had made the report of the finished part.
    guard let entry = entries[id], entry.files.isEmpty, entry.stored.state != .finished else { return }
    await salvage(id)
  }

  /// Shows that results are missing, and tries again later if the disk is at fault.
  private func retry(
    _ id: String, after what: String, _ error: any Error,
    _ attempt: @escaping @Sendable (CoordinatorService) async -> Void
  ) {
    let error = ConsiliumError(wrapping: error)
    noteResults("\(what): \(error.message)", of: id)
    guard error.code == .storage, !Task.isCancelled else { return }
    entries[id]?.reopening = Task { [pause = configuration.storageRetry] in
      guard (try? await Task.sleep(for: pause)) != nil else { return }
      await attempt(self)
    }
  }

  /// Adds a fault of the results to the reason with which a study ended; `nil` shows the reason alone.
  private func noteResults(_ fault: String?, of id: String) {
    guard let entry = entries[id] else { return }
    let reason = entry.endedBecause ?? entry.stored.reason
    entries[id]?.endedBecause = reason
    note([reason, fault ?? ""].filter { !$0.isEmpty }.joined(separator: "; "), of: id)
    changed()
  }

  /// Offers the models of a study that has ended to its participants.
  private func offerResults(of id: String) async throws {
    guard let plan = entries[id]?.plan else { return }
    let folder = configuration.folder(of: id)
    let endpoint = try endpoint(id, members: plan.members, folder: folder)
    entries[id]?.endpoint = endpoint
    entries[id]?.models = []
    entries[id]?.files = []
    let hasModels = entries[id]?.stored.state != .aborted
    for arm in plan.models {
      let file = RunFolder(folder.appending(path: "run")).model(named: arm.name)
      let manifestURL = ManifestFile.url(forModel: file)
      guard let data = try? Data(contentsOf: manifestURL) else { continue }
      let manifest = try ManifestFile(json: data, file: manifestURL.lastPathComponent)
      if hasModels {
        entries[id]?.models.append(
          FinishedModel(
            name: arm.name, digest: manifest.model, file: try await endpoint.offer(file),
            manifest: try await endpoint.offer(manifestURL)))
      }
      for url in [file, manifestURL] {
        entries[id]?.files.append(("models/" + url.lastPathComponent, url))
      }
    }
    for name in Report.fileNames {
      let url = folder.appending(path: "run").appending(path: name)
      if FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) {
        entries[id]?.files.append((name, url))
      }
    }
  }
}
