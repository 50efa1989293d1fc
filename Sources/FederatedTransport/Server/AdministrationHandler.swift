import Credentials
import FederatedCore
import Foundation

/// What the coordinator's program does for those who lead, run and watch studies.
public protocol AdministrationHandler: Sendable {
  /// Takes a study in.
  ///
  /// - Parameter proposal: JSON of the signed proposal.
  /// - Returns: the study's id.
  func propose(_ proposal: Data, by peer: Party) async throws -> String

  /// The store for the weights file of a proposed study, which its lead sends.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `peer` did not propose the study or if the
  ///   study expects no file of this digest.
  func weightsStore(of study: String, digest: String, from peer: Party) async throws -> BlobStore

  /// - Returns: the state afterwards.
  func control(_ action: StudyAction, study: String, reason: String, by peer: Party) async throws
    -> StudyState

  /// Studies and sites as they stand, as JSON; all studies where `study` is nil.
  func status(of study: String?) async throws -> Data

  /// What happens from now on, one JSON object an event.
  ///
  /// The first event of a single study says its state, so that nobody waits for an end that has been.
  func events(of study: String?) async throws -> AsyncStream<Data>

  /// The files of a study that has ended.
  func results(of study: String) async throws -> StudyFiles
}

/// What those who run a study may do with it.
public enum StudyAction: String, Sendable, CaseIterable {
  case start, pause, resume, abort
}

/// The files of a study that its members may fetch.
public struct StudyFiles: Sendable {
  public var state: StudyState
  /// Paths within the results folder.
  public var files: [(path: String, blob: BlobDescriptor)]
  /// Where the files are; nil where there are none.
  public var store: BlobStore?

  public init(state: StudyState, files: [(path: String, blob: BlobDescriptor)], store: BlobStore?) {
    (self.state, self.files, self.store) = (state, files, store)
  }
}
