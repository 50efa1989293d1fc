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
  ///
  /// - Parameter isComplete: Whether the study ran to its end.
  func offer(
    _ conclusion: StudyConclusion, _ rounds: SignedRounds, in store: RunStore, isComplete: Bool
  ) async throws -> Outcome {
    var models: [FinishedModel] = []
    var files: [(path: String, url: URL)] = []
    for model in conclusion.models {
      let manifest = try manifest(of: model, rounds, isComplete: isComplete)
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

  private func manifest(of model: TestedModel, _ rounds: SignedRounds, isComplete: Bool) throws
    -> ManifestFile
  {
    let (arm, last) = (model.plan.name, model.records.last)
    let round = last?.selection.bestRound ?? last?.round ?? 0
    return ManifestFile(
      study: try study.digest(), arm: arm, model: model.model.digest, round: round, agreement: agreement,
      rounds: try rounds.manifests(of: arm),
      conclusion: try rounds.conclusion(
        of: arm, round: round, model: model.model.digest,
        isComplete: isComplete || last?.round == study.federation.rounds))
  }
}
