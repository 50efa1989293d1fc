import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// The coordinator's implementation of the calls of study leads, operators and observers.
public protocol AdministrationHandler: Sendable {
  /// Accepts a study.
  ///
  /// - Parameter proposal: JSON of the signed proposal.
  /// - Returns: the study's id.
  func propose(_ proposal: Data, by peer: Party) async throws -> String

  /// The store for the upload of a proposed study's weights file by its study lead.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `peer` did not propose the study or if the
  ///   study expects no file of this digest.
  func weightsStore(of study: String, digest: String, from peer: Party) async throws -> BlobStore

  /// - Parameter start: JSON of the lead's signed start; empty for every other action.
  /// - Returns: the state afterwards.
  func control(_ action: StudyAction, study: String, reason: String, start: Data, by peer: Party) async throws
    -> StudyState

  /// The current state of the study, or of all studies if `study` is `nil`, and of the sites, as JSON.
  func status(of study: String?) async throws -> Data

  /// The events from now on, with one JSON object per event.
  ///
  /// The first event of a single study is its current state. Otherwise a watcher could wait for an end that
  /// has already happened.
  func events(of study: String?) async throws -> AsyncStream<Data>

  /// The files of a study that has ended.
  func results(of study: String) async throws -> StudyFiles
}

/// An action on a study that a study lead or an operator requests.
public enum StudyAction: String, Sendable, CaseIterable {
  case start, pause, resume, abort
  /// Resumes a study and repeats the rounds that the coordinator has lost.
  case `repeat`
}

/// The files of a study that its participants may fetch.
public struct StudyFiles: Sendable {
  public var state: StudyState
  /// The files, each with its path within the results folder.
  public var files: [(path: String, blob: BlobDescriptor)]
  /// The store that holds the files; `nil` if there are none.
  public var store: BlobStore?

  public init(state: StudyState, files: [(path: String, blob: BlobDescriptor)], store: BlobStore?) {
    self.state = state
    self.files = files
    self.store = store
  }
}
