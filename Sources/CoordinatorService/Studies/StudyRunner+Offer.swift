import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyAgreement
import StudyRuns

extension StudyRunner {
  /// Writes the manifests that travel with the models, and offers all files of a study's conclusion.
  func offer(_ conclusion: StudyConclusion, _ rounds: SignedRounds, in store: RunStore) async throws
    -> Outcome
  {
    var models: [FinishedModel] = []
    var files: [(path: String, url: URL)] = []
    for model in conclusion.models {
      let manifest = ManifestFile(
        study: try study.digest(), arm: model.plan.name, model: model.model.digest,
        round: model.outcome.records.last?.selection.bestRound ?? model.outcome.records.last?.round ?? 0,
        agreement: agreement, rounds: try rounds.manifests(of: model.plan.name))
      let url = ManifestFile.url(forModel: model.model.file)
      try AtomicFile.write(try manifest.json(), to: url)
      models.append(
        FinishedModel(
          name: model.plan.name, digest: model.model.digest, file: try await endpoint.offer(model.model.file),
          manifest: try await endpoint.offer(url)))
      files += [model.model.file, url].map { ("models/" + $0.lastPathComponent, $0) }
    }
    for name in Report.fileNames {
      files.append((name, store.folder.url.appending(path: name)))
    }
    return Outcome(results: conclusion.results, models: models, files: files)
  }
}
