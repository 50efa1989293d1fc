import FederatedCore
import Foundation
import StudyProtocol

/// The definition of a run: everything that its results depend on, and the files that record it.
public struct RunDefinition: Sendable {
  public let identity: RunIdentity
  let studyText: String
  let canonicalStudy: String
  let canonicalSites: [String]

  init(identity: RunIdentity, studyText: String, canonicalStudy: String, canonicalSites: [String]) {
    self.identity = identity
    self.studyText = studyText
    self.canonicalStudy = canonicalStudy
    self.canonicalSites = canonicalSites
  }

  /// - Parameters:
  ///   - studyText: the study file as its author wrote it.
  ///   - seed: the number from which every random stream is derived.
  ///   - threads: the number of threads of one operation in a worker. Results depend on it: kernels with a
  ///     different number of threads sum in a different order.
  public init(
    study: Study, studyText: String, sites: [SiteDefinition], seed: UInt64, arms: [String], threads: Int,
    device: String, policies: [SiteID: SitePolicy] = [:]
  ) throws {
    self.studyText = studyText
    canonicalStudy = try study.canonicalJSON()
    canonicalSites = try sites.map { try $0.canonicalJSON() }
    let policies = try policies.map { ($0.key.rawValue, try $0.value.digest()) }
    let digests = try sites.map { ($0.name.rawValue, try $0.digest()) }
    identity = RunIdentity(
      study: study.header.name, studyDigest: try study.digest(),
      sites: Dictionary(digests, uniquingKeysWith: { $1 }), seed: seed, arms: arms, threads: threads,
      device: device,
      policies: policies.isEmpty ? nil : Dictionary(policies, uniquingKeysWith: { $1 }))
  }
}

extension RunDefinition {
  /// Creates the definition of a run whose sites share only the digests of their definitions.
  ///
  /// - Parameter sites: the sites, each with the digest of the definition that it agreed to.
  public init(
    study: Study, studyText: String, agreedSites sites: [SiteID: String], arms: [String]
  ) throws {
    let named = sites.map { ($0.key.rawValue, $0.value) }
    self.init(
      identity: RunIdentity(
        study: study.header.name, studyDigest: try study.digest(),
        sites: Dictionary(named, uniquingKeysWith: { $1 }), seed: study.header.seed, arms: arms,
        threads: study.training.threads, device: "at the sites"),
      studyText: studyText, canonicalStudy: try study.canonicalJSON(),
      canonicalSites: sites.keys.sorted().map { "\"\($0)\"" })
  }
}

/// The facts that must agree for a run to be resumed: everything that its results depend on.
public struct RunIdentity: Sendable, Codable, Equatable {
  public var study: String
  /// The SHA-256 of the canonical study, in hexadecimal.
  public var studyDigest: String
  /// The SHA-256 of each site's canonical definition.
  public var sites: [String: String]
  public var seed: UInt64
  /// The arms in the order of the report.
  public var arms: [String]
  public var threads: Int
  public var device: String
  /// The version of the rules that split the data into sets and build the models; `nil` for a run of version
  /// 0.1 of the program, which stored no such version.
  var rules: Int?

  /// The current version of the rules: a hash of the seed and the patient's identifier decides the patient's
  /// set.
  private static let currentRules = 2

  /// The SHA-256 of each simulated site's policy; `nil` if no site has a policy.
  public var policies: [String: String]?

  public init(
    study: String, studyDigest: String, sites: [String: String], seed: UInt64, arms: [String], threads: Int,
    device: String, policies: [String: String]? = nil
  ) {
    rules = Self.currentRules
    self.study = study
    self.studyDigest = studyDigest
    self.sites = sites
    self.seed = seed
    self.arms = arms
    self.threads = threads
    self.device = device
    self.policies = policies
  }

  /// Whether the run was begun by a version of this program that splits the data differently.
  ///
  /// Such a run gets no further rounds: they would train on patients on whom the first rounds were tested.
  public var hasOtherRules: Bool { rules != Self.currentRules }

  /// The differences between this run and `other`, one phrase each, such as "the seed is 1, not 2".
  func differences(from other: RunIdentity) -> [String] {
    var found: [String] = []
    func compare<Value: Equatable>(_ what: String, _ mine: Value, _ theirs: Value) {
      if mine != theirs { found.append("\(what) \(mine), not \(theirs)") }
    }
    if studyDigest != other.studyDigest {
      found.append(
        "the study is '\(study)' with digest \(studyDigest.prefix(12)), not '\(other.study)' with digest "
          + other.studyDigest.prefix(12))
    }
    compare("the sites are", names, other.names)
    if names == other.names {
      for site in names where sites[site] != other.sites[site] {
        found.append("the definition of site '\(site)' differs")
      }
    }
    for site in Set((policies ?? [:]).keys).union((other.policies ?? [:]).keys).sorted()
    where policies?[site] != other.policies?[site] {
      found.append("the policy of site '\(site)' differs")
    }
    compare("the seed is", seed, other.seed)
    compare("the arms are", arms, other.arms)
    compare("the engine's threads are", threads, other.threads)
    compare("the device is", device, other.device)
    return found
  }

  private var names: [String] { sites.keys.sorted() }
}
