import Credentials
import FederatedCore
import Foundation
import GRPCCore
import WorkerProtocol

/// What the coordinator's program does for the sites that call its network server.
///
/// Who calls is always known from the client's certificate. Whatever is thrown reaches the caller with its message.
public protocol CoordinationHandler: Sendable {
  /// A site says hello.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where another process acts for the same site.
  func join(_ hello: SiteHello, from site: SiteID) async throws -> CoordinatorHello

  /// The studies that concern a site, as soon as their revision is another than `known`; nil where the task is cancelled.
  func studies(of site: SiteID, known: UInt64, process: String) async throws -> StudyNotices?

  /// A site signs or declines.
  ///
  /// - Parameter decision: JSON of the signed decision.
  func decide(_ decision: Data, study: String, from site: SiteID) async throws

  /// - Parameter readiness: JSON of what the site found.
  func report(readiness: Data, study: String, from site: SiteID) async throws

  /// The endpoint of a study under way.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the site is no member of the study or there is none.
  func endpoint(of study: String, for site: SiteID, process: String?) async throws -> StudyEndpoint

  /// A file of a study could not be written here; the site sends it again.
  func failedToStore(_ error: ConsiliumError, study: String) async

  func report(_ progress: TrainingProgress, study: String, arm: String, round: Int, from site: SiteID) async
}

extension CoordinationHandler {
  /// As ``endpoint(of:for:process:)``, for a site that the endpoint itself takes for a member.
  func memberEndpoint(of study: String, for site: SiteID, process: String? = nil) async throws
    -> StudyEndpoint
  {
    let endpoint = try await endpoint(of: study, for: site, process: process)
    guard endpoint.members.contains(site) else {
      throw ConsiliumError(.invalidInput, "site '\(site)' has no part in this study")
    }
    return endpoint
  }
}

/// What a site says of itself when it joins.
public struct SiteHello: Sendable {
  public var programVersion: String
  /// By the site's own clock.
  public var clock: Date
  /// Tells two agents with one identity apart; the same after a restart.
  public var process: String
  /// What the site showed; not something that it says.
  public var certificate: PeerCertificate?

  public init(programVersion: String, clock: Date, process: String, certificate: PeerCertificate? = nil) {
    (self.programVersion, self.clock, self.process) = (programVersion, clock, process)
    self.certificate = certificate
  }
}

/// What the coordinator says of itself.
public struct CoordinatorHello: Sendable {
  public var programVersion: String
  public var clock: Date
  public var consortium: String

  public init(programVersion: String, clock: Date, consortium: String) {
    (self.programVersion, self.clock, self.consortium) = (programVersion, clock, consortium)
  }
}

/// All studies that concern one site, at one revision.
public struct StudyNotices: Sendable {
  public var revision: UInt64
  public var studies: [StudyNotice]
  /// True where the coordinator was started since the site joined and knows nothing of it.
  public var joinsAgain: Bool

  public init(revision: UInt64, studies: [StudyNotice], joinsAgain: Bool = false) {
    (self.revision, self.studies, self.joinsAgain) = (revision, studies, joinsAgain)
  }
}

/// A study as it concerns one site.
public struct StudyNotice: Sendable, Equatable {
  public var study: String
  /// JSON of the signed proposal.
  public var proposal: Data
  public var state: StudyState
  /// The arms in which the site has a part.
  public var arms: [String]
  /// All sites that are asked to take part.
  public var sites: [SiteID]
  /// Why the study is as it is, where that needs words.
  public var reason: String
  public var models: [FinishedModel]
  /// The file of weights that every arm starts from; `nil` if the study names none or does not run.
  public var initialWeights: BlobDescriptor?

  public init(
    study: String, proposal: Data, state: StudyState, arms: [String] = [], sites: [SiteID] = [],
    reason: String = "", models: [FinishedModel] = [], initialWeights: BlobDescriptor? = nil
  ) {
    self.study = study
    self.proposal = proposal
    self.state = state
    self.arms = arms
    self.sites = sites
    self.reason = reason
    self.models = models
    self.initialWeights = initialWeights
  }
}

/// Where a study stands.
public enum StudyState: String, Sendable, Codable, CaseIterable {
  /// Waits for signatures.
  case proposed
  /// All required sites have signed.
  case ready
  case rehearsing, running, paused
  case finished
  /// Ended without what it requires.
  case failed
  /// Ended by those who run it.
  case aborted

  public var hasEnded: Bool { self == .finished || self == .failed || self == .aborted }
}

/// A model of a finished study, for those who took part.
public struct FinishedModel: Sendable, Equatable {
  public var name: String
  /// The SHA-256 over the parameters, in hexadecimal.
  public var digest: String
  public var file: BlobDescriptor
  /// The signed manifests of its rounds.
  public var manifest: BlobDescriptor

  public init(name: String, digest: String, file: BlobDescriptor, manifest: BlobDescriptor) {
    (self.name, self.digest, self.file, self.manifest) = (name, digest, file, manifest)
  }
}

/// The study does not go on at the moment; the same call may succeed later.
public struct StudyAtRest: Error, RPCErrorConvertible {
  public init() {}
  public var rpcErrorCode: RPCError.Code { .unavailable }
  public var rpcErrorMessage: String { "the study is at rest" }
}
