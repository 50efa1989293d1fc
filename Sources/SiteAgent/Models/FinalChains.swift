import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement
import StudyRuns

/// The final models that a site was asked to test: one of each arm, from a complete chain of signed rounds.
actor FinalChains {
  private let plan: NetworkPlan
  private let terms: @Sendable (String) -> ModelChain.Terms
  /// The folder of the journals of all arms.
  private let folder: URL
  private let attempts: [SignedAttempt]
  /// The tested arms. Each attempt may test the final models once.
  private var file: URL {
    let name = ArmAttempts.name("arms", of: attempts.last?.statement.number ?? 1)
    return folder.appending(path: "\(NetworkPlan.tests)/\(name).json")
  }

  /// - Parameters:
  ///   - attempts: the coordinator's attempts after the first.
  ///   - terms: the terms of an arm.
  init(
    _ plan: NetworkPlan, in folder: URL, attempts: [SignedAttempt] = [],
    terms: @escaping @Sendable (String) -> ModelChain.Terms
  ) {
    self.attempts = attempts
    self.plan = plan
    self.folder = folder
    self.terms = terms
  }

  /// Verifies the chain that leads to the model of a test.
  ///
  /// - Parameters:
  ///   - number: the number of the test, from 1.
  ///   - model: the digest of the model's file.
  /// - Returns: the fault; `nil` if there is none.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func fault(inTest number: Int, of model: String, _ manifests: [Signed<RoundManifest>]) async throws
    -> String?
  {
    guard let arm = manifests.first?.statement.arm, plan.models.contains(where: { $0.name == arm }) else {
      return "no manifests of an arm of the study"
    }
    let terms = terms(arm)
    let own = try await ModelChain(
      terms, in: folder.appending(path: arm), attempts: ArmAttempts(attempts, of: arm)
    ).links
    if let fault = terms.fault(in: manifests, after: own[0]) { return fault }
    if let fault = try incompleteness(of: manifests, after: own, arm) { return fault }
    guard manifests.contains(where: { $0.statement.fileAfter == model }) else {
      return "no round of arm '\(arm)' ended with the model \(model.prefix(12))"
    }
    return try claim(arm, forTest: number)
  }

  /// - Parameter own: the models of the arm that this site has verified, from the initial weights on.
  private func incompleteness(of manifests: [Signed<RoundManifest>], after own: [ChainLink], _ arm: String)
    throws -> String?
  {
    let settings = try plan.settings(of: arm, members: plan.members)
    guard manifests.count == settings.rounds || settings.selection?.mayStopEarly == true else {
      return "arm '\(arm)' has \(manifests.count) of \(settings.rounds) rounds, so its model is not final"
    }
    let own = own.dropFirst()
    guard manifests.count >= own.count else {
      return "arm '\(arm)' had more rounds at this site than its manifests state"
    }
    for (link, signed) in zip(own, manifests) where link.file != signed.statement.fileAfter {
      return "round \(link.round) of arm '\(arm)' ended with a different model at this site"
    }
    return nil
  }

  /// Binds an arm to the number of a test: one final model of each arm is tested.
  private func claim(_ arm: String, forTest number: Int) throws -> String? {
    var arms: [String: Int] = [:]
    if FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) {
      do {
        arms = try CanonicalJSON.decode([String: Int].self, from: try Data(contentsOf: file))
      } catch {
        throw ConsiliumError(
          .storage, "'\(file.path(percentEncoded: false))' is damaged; restore it from a backup", cause: error
        )
      }
    }
    if let known = arms[arm] {
      return known == number ? nil : "the model of arm '\(arm)' was tested before, as number \(known)"
    }
    arms[arm] = number
    try DurableFolder.create(file.deletingLastPathComponent())
    try AtomicFile.write(try CanonicalJSON.encode(arms), to: file)
    return nil
  }
}
