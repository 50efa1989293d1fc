import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import StudyAgreement

/// The calls of a study lead, an operator or an observer to the coordinator.
public struct AdministrationClient: Sendable {
  private let link: NetworkLink
  private let administration: Consilium_V1_Administration.Client<HTTP2ClientTransport.Posix>

  public init(_ link: NetworkLink) {
    self.link = link
    administration = .init(wrapping: link.client)
  }

  private var quick: CallOptions { .timeout(.seconds(30)) }

  /// - Parameter proposal: JSON of the signed proposal.
  /// - Returns: the study's id.
  public func propose(_ proposal: Data) async throws -> String {
    try proposal.checkFits("the proposal")
    return try await link.persistently {
      try await administration.propose(.with { $0.proposal = proposal }, options: quick)
    }.study
  }

  /// Sends the file of initial weights of a study that this study lead has proposed. Resumes where an earlier
  /// attempt stopped.
  public func send(weights blob: BlobDescriptor, of study: String, from store: BlobStore) async throws {
    try await FileSend(link: link, store: store, blob: blob, study: study).run()
  }

  /// - Parameter start: JSON of the lead's signed start, to start a study.
  public func control(_ action: StudyAction, study: String, reason: String, start: Data = Data()) async throws
    -> StudyState
  {
    let reply = try await link.persistently {
      try await administration.control(
        .with {
          ($0.study, $0.action, $0.reason) = (study, action.message, reason)
          $0.start = start
        }, options: quick)
    }
    return try StudyState(reply.state)
  }

  /// - Returns: the state of the study, or of all studies if `study` is `nil`, as JSON.
  public func status(of study: String?) async throws -> Data {
    try await link.persistently {
      try await administration.status(.with { $0.study = study ?? "" }, options: quick)
    }.status
  }

  /// Passes every event to `body` until it returns `false`. For a single study, the first event is its
  /// current state, at the start and after each interruption.
  public func watch(_ study: String?, _ body: @escaping @Sendable (Data) async throws -> Bool) async throws {
    try await link.persistently {
      try await administration.watch(.with { $0.study = study ?? "" }) { response in
        for try await event in response.messages {
          link.isReached()
          guard try await body(event.event) else { return }
        }
        throw RPCError(code: .unavailable, message: "the stream of events ended")
      }
    }
  }

  /// The files of a study that has ended. The list is empty until then.
  public func results(of study: String) async throws -> (
    state: StudyState, files: [(path: String, blob: BlobDescriptor)]
  ) {
    let reply = try await link.persistently {
      try await administration.results(.with { $0.study = study }, options: quick)
    }
    return (
      try StudyState(reply.state), try reply.files.map { ($0.path, try BlobDescriptor($0.blob)) }
    )
  }

  /// Fetches a file from the list of ``results(of:)``.
  public func fetch(_ blob: BlobDescriptor, of study: String, into store: BlobStore) async throws {
    try await FileFetch(link: link, store: store, blob: blob, study: study, source: .results).run()
  }
}
