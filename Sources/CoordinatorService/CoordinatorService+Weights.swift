import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles

/// The file of initial weights that a study may name. Its study lead sends the file, and the sites fetch it.
extension CoordinatorService {
  public func weightsStore(of id: String, digest: String, from peer: Party) async throws -> BlobStore {
    let entry = try entry(id)
    let proposal = entry.stored.agreement.proposal
    guard proposal.lead == peer else {
      throw ConsiliumError(
        .invalidInput, "study '\(id)' was proposed by \(proposal.lead); \(peer) cannot send its weights")
    }
    guard let expected = proposal.statement.initialModel, expected == digest else {
      throw ConsiliumError(.invalidInput, "study '\(id)' was not proposed with this file of weights")
    }
    guard !entry.stored.state.hasEnded else {
      throw ConsiliumError(.invalidInput, "study '\(id)' has ended and no longer needs weights")
    }
    return try weights(of: id)
  }

  /// The file of initial weights that a study names; `nil` if it names none.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the file is incomplete.
  func givenWeights(of id: String) throws -> URL? {
    guard let name = try entry(id).stored.agreement.proposal.statement.initialModel else { return nil }
    let store = try weights(of: id)
    guard let blob = store.kept(named: name) else {
      throw ConsiliumError(
        .invalidInput,
        "study '\(id)' cannot start: its file of initial weights is incomplete. Its lead can send the rest with the "
          + "same 'consilium study propose' again")
    }
    return store.url(of: blob)
  }

  private func weights(of id: String) throws -> BlobStore {
    if let store = entries[id]?.weights { return store }
    let folder = configuration.folder(of: id).appending(path: "weights")
    let store = try BlobStore(folder)
    entries[id]?.weights = store
    return store
  }
}
