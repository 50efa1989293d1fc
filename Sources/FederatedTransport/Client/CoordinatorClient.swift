import FederatedCore
import FederatedRuntime
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// A site's calls to its coordinator.
///
/// Each call is repeated after a transient failure; an error that a call throws is final. An interrupted file
/// transfer resumes at the first missing chunk.
public struct CoordinatorClient: Sendable {
  let link: NetworkLink
  /// A text that distinguishes two agents with the same identity.
  let process: String
  let coordination: Consilium_V1_Coordination.Client<HTTP2ClientTransport.Posix>

  /// - Parameter process: the name of the agent's folder, a slash, and a text that differs at each start of
  ///   the agent.
  public init(_ link: NetworkLink, process: String) {
    self.link = link
    self.process = process
    coordination = .init(wrapping: link.client)
  }

  private var quick: CallOptions { .timeout(.seconds(30)) }
  private var patient: CallOptions { .timeout(.seconds(CoordinationService.longestWait + 30)) }

  /// - Returns: the coordinator's description of itself.
  public func join(programVersion: String, clock: @Sendable () -> Date) async throws -> CoordinatorHello {
    let reply = try await link.persistently {
      try await coordination.join(
        .with {
          $0.protocolVersion = NetworkProtocol.versions.upperBound
          $0.oldestProtocolVersion = NetworkProtocol.versions.lowerBound
          ($0.programVersion, $0.process) = (programVersion, process)
          $0.clock = clock().timeIntervalSince1970
        }, options: quick)
    }
    return CoordinatorHello(
      programVersion: reply.programVersion, clock: Date(timeIntervalSince1970: reply.clock),
      consortium: reply.consortium)
  }

  /// Waits until the revision of the site's studies differs from `known`, or the coordinator asks the site to
  /// join again. Returns the studies.
  public func studies(known: UInt64) async throws -> StudyNotices {
    while true { if let notices = try await look(known) { return notices } }
  }

  /// Does the same as ``studies(known:)``, but returns `nil` if nothing has changed by about the time `end`.
  public func studies(known: UInt64, until end: ContinuousClock.Instant) async throws -> StudyNotices? {
    repeat { if let notices = try await look(known) { return notices } } while ContinuousClock.now < end
    return nil
  }

  private func look(_ known: UInt64) async throws -> StudyNotices? {
    let list = try await link.persistently {
      try await coordination.followStudies(
        .with {
          ($0.knownRevision, $0.process) = (known, process)
          $0.waitSeconds = UInt32(CoordinationService.longestWait)
        }, options: patient)
    }
    guard list.revision == known, !list.joinAgain else {
      return StudyNotices(
        revision: list.revision, studies: try list.studies.map(StudyNotice.init), joinsAgain: list.joinAgain)
    }
    try Task.checkCancellation()
    return nil
  }

  public func decide(_ decision: Data, study: String) async throws {
    try decision.checkFits("the decision")
    _ = try await link.persistently {
      try await coordination.decide(.with { ($0.study, $0.decision) = (study, decision) }, options: quick)
    }
  }

  public func report(_ report: Released<SiteReadiness>, study: String) async throws {
    let readiness = try WireJSON.encode(report.content)
    try readiness.checkFits("the readiness")
    _ = try await link.persistently {
      try await coordination.reportReadiness(
        .with { ($0.study, $0.readiness) = (study, readiness) }, options: quick)
    }
  }

  /// Reports the progress of training. A report that cannot be delivered within five seconds is dropped.
  public func report(_ report: Released<TrainingProgress>, study: String, arm: String, round: Int) async {
    let progress = report.content
    _ = try? await coordination.reportProgress(
      .with {
        ($0.study, $0.arm, $0.round) = (study, arm, UInt32(round))
        ($0.step, $0.steps) = (UInt64(progress.step), UInt64(progress.stepCount))
        if let loss = progress.loss { $0.loss = loss }
        $0.examplesPerSecond = progress.examplesPerSecond
      }, options: .timeout(.seconds(5)))
  }

  /// - Parameter known: the most recent round of the arm whose manifest the site has verified, and the digest
  ///   of that manifest.
  func nextAsk(study: String, arm: String, known: (round: Int, manifest: String)?) async throws
    -> Consilium_V1_Ask?
  {
    while true {
      let reply = try await link.persistently {
        try await coordination.nextAsk(
          .with {
            ($0.study, $0.arm, $0.process) = (study, arm, process)
            if let known { ($0.knownRound, $0.knownManifest) = (UInt32(known.round), known.manifest) }
            $0.waitSeconds = UInt32(CoordinationService.longestWait)
          }, options: patient)
      }
      switch reply.next {
      case .ask(let ask): return ask
      case .ended: return nil
      case .wait, nil: try Task.checkCancellation()
      }
    }
  }

  func submit(_ request: Consilium_V1_Answer) async throws -> Bool {
    try await link.persistently { try await coordination.submit(request, options: quick) }.counted
  }

  // MARK: Files

  /// Fetches a file into `store`. Resumes where an earlier attempt stopped.
  public func fetch(_ blob: BlobDescriptor, of study: String, into store: BlobStore) async throws {
    try await fetch(blob, of: study, into: store, callBytes: NetworkTuning.callBytes(asked: 0))
  }

  func fetch(_ blob: BlobDescriptor, of study: String, into store: BlobStore, callBytes: Int) async throws {
    try await FileFetch(
      link: link, store: store, blob: blob, study: study, source: .assignment, callBytes: callBytes
    ).run()
  }

  /// Sends a file. Resumes where an earlier attempt stopped.
  ///
  /// - Parameter isInitial: whether these are initial weights, which are sent only if no other site has sent
  ///   the same weights.
  public func send(
    _ blob: BlobDescriptor, of study: String, from store: BlobStore, isInitial: Bool = false
  ) async throws {
    try await FileSend(link: link, store: store, blob: blob, study: study, isInitial: isInitial).run()
  }
}

extension Data {
  /// Checks that the data fit into one message. The server would abort a longer call, and the failure would
  /// look like a link that breaks again and again.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if they are too long.
  func checkFits(_ what: String) throws(ConsiliumError) {
    let most = BlobDescriptor.largestChunkSize
    guard count <= most else {
      throw ConsiliumError(.invalidInput, "\(what) has \(count) bytes; at most \(most) can be sent")
    }
  }
}

extension CallOptions {
  static func timeout(_ duration: Duration) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = duration
    return options
  }
}
