import Credentials
import FederatedCore
import Foundation
import GRPCCore
import StudyAgreement

/// The coordinator's implementation of the sites' calls.
///
/// The caller is always identified by the client's certificate. The message of any error thrown here reaches
/// the caller.
public protocol CoordinationHandler: Sendable {
  /// Registers a site's agent.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if another process acts for the same site.
  func join(_ hello: SiteHello, from site: SiteID) async throws -> CoordinatorHello

  /// Records that a site was refused because it speaks a different version of the protocol.
  func refused(_ site: SiteID, because reason: String) async

  /// Waits until the revision of the site's studies differs from `known`, and returns the studies. Returns
  /// `nil` if the task is cancelled.
  func studies(of site: SiteID, known: UInt64, process: String) async throws -> StudyNotices?

  /// Accepts a site's decision to sign or decline a study.
  ///
  /// - Parameter decision: JSON of the signed decision.
  func decide(_ decision: Data, study: String, from site: SiteID) async throws

  /// - Parameter readiness: JSON of the site's readiness report.
  func report(readiness: Data, study: String, from site: SiteID) async throws

  /// The endpoint of a running study.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the site does not take part in the study, or
  ///   there is no such study.
  func endpoint(of study: String, for site: SiteID, process: String?) async throws -> StudyEndpoint

  /// Reports that a file of a study could not be written here. The site will send it again.
  func failedToStore(_ error: ConsiliumError, study: String) async

  func report(_ progress: TrainingProgress, study: String, arm: String, round: Int, from site: SiteID) async
}

extension CoordinationHandler {
  /// Does the same as ``endpoint(of:for:process:)``, but only for a site that is one of the endpoint's
  /// members.
  func memberEndpoint(of study: String, for site: SiteID, process: String? = nil) async throws
    -> StudyEndpoint
  {
    let endpoint = try await endpoint(of: study, for: site, process: process)
    guard endpoint.members.contains(site) else {
      throw ConsiliumError(.invalidInput, "site '\(site)' does not take part in this study")
    }
    return endpoint
  }
}

/// A site's description of itself when it joins.
public struct SiteHello: Sendable {
  public var programVersion: String
  /// The current time by the site's own clock.
  public var clock: Date
  /// The name of the agent's folder, with a text that differs at each start of the agent. It distinguishes
  /// two agents with the same identity.
  public var process: String
  /// The certificate of the site's connection. The site does not send this value itself.
  public var certificate: PeerCertificate?

  public init(programVersion: String, clock: Date, process: String, certificate: PeerCertificate? = nil) {
    self.programVersion = programVersion
    self.clock = clock
    self.process = process
    self.certificate = certificate
  }
}

/// The coordinator's description of itself.
public struct CoordinatorHello: Sendable {
  public var programVersion: String
  public var clock: Date
  public var consortium: String

  public init(programVersion: String, clock: Date, consortium: String) {
    self.programVersion = programVersion
    self.clock = clock
    self.consortium = consortium
  }
}

/// All studies that concern one site, at one revision.
public struct StudyNotices: Sendable {
  public var revision: UInt64
  public var studies: [StudyNotice]
  /// Whether the site must join again, because the coordinator was restarted after the site joined and no
  /// longer knows it.
  public var joinsAgain: Bool

  public init(revision: UInt64, studies: [StudyNotice], joinsAgain: Bool = false) {
    self.revision = revision
    self.studies = studies
    self.joinsAgain = joinsAgain
  }
}

/// The information about one study that the coordinator sends to one site.
public struct StudyNotice: Sendable, Equatable {
  public var study: String
  /// JSON of the signed proposal.
  public var proposal: Data
  public var state: StudyState
  /// The arms in which the site takes part.
  public var arms: [String]
  /// All invited sites.
  public var sites: [SiteID]
  /// The reason for the state, if it needs an explanation.
  public var reason: String
  public var models: [FinishedModel]
  /// The file of weights from which every arm starts; `nil` if the study names no such file or is not
  /// running.
  public var initialWeights: BlobDescriptor?
  /// JSON of the study's mandate; see `StudyMandate`. Empty from a coordinator of an earlier version.
  public var mandate: Data

  public init(
    study: String, proposal: Data, state: StudyState, arms: [String] = [], sites: [SiteID] = [],
    reason: String = "", models: [FinishedModel] = [], initialWeights: BlobDescriptor? = nil,
    mandate: Data = Data()
  ) {
    self.study = study
    self.mandate = mandate
    self.proposal = proposal
    self.state = state
    self.arms = arms
    self.sites = sites
    self.reason = reason
    self.models = models
    self.initialWeights = initialWeights
  }
}

/// A model of a finished study, for its participants.
public struct FinishedModel: Sendable, Equatable {
  public var name: String
  /// The SHA-256 over the parameters, in hexadecimal.
  public var digest: String
  public var file: BlobDescriptor
  /// The signed manifests of its rounds.
  public var manifest: BlobDescriptor

  public init(name: String, digest: String, file: BlobDescriptor, manifest: BlobDescriptor) {
    self.name = name
    self.digest = digest
    self.file = file
    self.manifest = manifest
  }
}

/// The error for a call about a paused or queued study. The same call may succeed later.
public struct StudyAtRest: Error, RPCErrorConvertible {
  public init() {}
  public var rpcErrorCode: RPCError.Code { .unavailable }
  public var rpcErrorMessage: String { "the study is not running at the moment" }
}
