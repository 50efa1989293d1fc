import FederatedCore
import Foundation
import WorkerProtocol

/// The site's end of one turn of split learning, outside the worker: relays frames between the worker and the
/// channel to the host.
final class SplitTurn: Sendable {
  private let division: ModelDivision
  private let files: FrameFiles

  /// - Parameter global: The model from which the site is to train.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the host starts from another model.
  init(_ division: ModelDivision, from global: ModelParameters, files: ExchangeFolder) throws {
    guard global == division.global else {
      throw ConsiliumError(
        .invalidInput,
        "the workflow trains from another model than the coordinator's, so the host of a split model cannot follow it; use fedavg, fedprox, scaffold or cyclic"
      )
    }
    self.division = division
    self.files = try FrameFiles(in: files)
  }

  var request: SplitTraining {
    SplitTraining(
      cut: division.cut, outgoing: files.ofWorker.path, incoming: files.ofPartner.path,
      checksHost: division.checksHost)
  }

  @Sendable func exchange(_ frame: FrameHeader) async throws -> FrameHeader {
    let reply = try await division.channel.exchange(SplitFrame(files.ofWorker.read(frame)))
    return try files.ofPartner.write(reply)
  }
}
