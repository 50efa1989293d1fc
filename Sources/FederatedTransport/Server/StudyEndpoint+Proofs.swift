import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// The signed manifests that the coordinator shows to the sites with each question about a model.
extension StudyEndpoint {
  /// How manifests are sent: within the question, or as a file if they are long.
  enum Proof: Sendable {
    case inline(Data)
    case file(BlobDescriptor)
  }

  /// The maximum size in bytes of manifests that are sent within a question.
  private static let largestInline = 64 << 10

  /// Shows the manifests of an arm's rounds from now on.
  public func show(_ manifests: [Signed<RoundManifest>], of arm: String) { chains[arm] = manifests }

  /// Shows the manifests of an arm with the test of its final model.
  ///
  /// - Parameters:
  ///   - number: the number of the test, from 1.
  ///   - tests: the name of the arm of the tests.
  public func show(_ manifests: [Signed<RoundManifest>], withTest number: Int, of tests: String) {
    testChains[tests, default: [:]][number] = manifests
  }

  /// The manifests for a question. `nil` if there are none.
  ///
  /// - Parameter known: the most recent round that the site has verified, and the digest of its manifest.
  ///   Only the manifests of later rounds are returned, unless this coordinator has signed a different
  ///   manifest for that round.
  func proof(for id: Assignment.ID, of arm: String, known: (round: Int, manifest: String)) throws -> Proof? {
    let shown: [Signed<RoundManifest>]
    if let tested = testChains[arm]?[id.round] {
      shown = tested
    } else {
      shown = try manifests(of: arm, for: id, known: known)
    }
    guard !shown.isEmpty else { return nil }
    let data = try WireJSON.encode(shown)
    guard data.count > Self.largestInline else { return .inline(data) }
    let blob = try outgoing.add(bytes: data)
    if let old = proofs.updateValue(blob, forKey: arm), old != blob, !proofs.values.contains(old) {
      outgoing.remove(old)
    }
    return .file(blob)
  }

  private func manifests(of arm: String, for id: Assignment.ID, known: (round: Int, manifest: String)) throws
    -> [Signed<RoundManifest>]
  {
    // An evaluation follows the stages of its round, so its model is the result of that round. The model of a
    // stage is the result of the round before.
    let last = id.stage == nil ? id.round : id.round - 1
    let chain = (chains[arm] ?? []).filter { $0.statement.round <= last }
    let shared = chain.first { $0.statement.round == known.round }
    guard try shared?.statement.digest() == known.manifest else { return chain }
    return chain.filter { $0.statement.round > known.round }
  }
}
