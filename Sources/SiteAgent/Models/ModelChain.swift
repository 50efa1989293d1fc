import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement

/// The models of one arm, as the coordinator has signed them and one site has verified them, from the initial
/// weights on. The site keeps them for ever, so the coordinator cannot sign a second model for a round.
actor ModelChain {
  /// What a manifest of the arm must agree with.
  struct Terms: Sendable {
    /// The study's digest.
    var study: String
    var arm: String
    /// The sites that every round of the arm requires.
    var required: [SiteID]
    /// The weights from which every arm starts.
    var start: ChainLink
    var authority: @Sendable () -> Authority
    var now: @Sendable () -> Date

    /// Verifies manifests that follow `link`, with the code of the offline verifier.
    ///
    /// - Returns: the fault; `nil` if there is none.
    func fault(in manifests: [Signed<RoundManifest>], after link: ChainLink) -> String? {
      let chain = ManifestChain(study: study, arm: arm, manifests: manifests, required: required)
      switch chain.verify(by: authority(), at: now(), after: link) {
      case let review where !review.faults.isEmpty: return review.faults[0].description
      case let review:
        return review.partialRounds.first.map { round in
          "round \(round.round) lacks the required site \(round.missing.map { "'\($0)'" }.joined(separator: ", "))"
        }
      }
    }
  }

  let terms: Terms
  private let file: URL
  /// The initial weights, and the models after each round.
  private(set) var links: [ChainLink]

  /// - Parameters:
  ///   - folder: the folder of the arm's journal.
  ///   - attempts: the coordinator's attempts at the arm. Each has a chain of its own after the rounds
  ///     that it does not repeat.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ terms: Terms, in folder: URL, attempts: ArmAttempts = .first) throws {
    self.terms = terms
    var file = folder.appending(path: "chain.json")
    var links = [terms.start] + (try Self.kept(in: file) ?? [])
    for attempt in attempts.attempts {
      file = folder.appending(path: "\(ArmAttempts.name("chain", of: attempt.number)).json")
      links = try Self.kept(in: file).map { [terms.start] + $0 } ?? Array(links.prefix(attempt.after + 1))
    }
    // An earlier version signed the first rounds without the strategy's messages.
    if links.count > 1, links[1].message == nil { links[0].message = nil }
    self.file = file
    self.links = links
  }

  /// The models in a file; `nil` if it does not exist.
  private static func kept(in file: URL) throws -> [ChainLink]? {
    guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return nil }
    do {
      return try CanonicalJSON.decode([ChainLink].self, from: try Data(contentsOf: file))
    } catch {
      throw ConsiliumError(
        .storage, "'\(file.path(percentEncoded: false))' is damaged; restore it from a backup", cause: error)
    }
  }

  /// The last round of the chain, and the digest of its manifest; `nil` before the first round.
  var head: (round: Int, manifest: String)? {
    links.last.flatMap { link in link.manifests.last.map { (link.round, $0) } }
  }

  /// The model after a round; `nil` if no manifest of the round has been verified.
  func link(after round: Int) -> ChainLink? { links.indices.contains(round) ? links[round] : nil }

  /// Verifies manifests and keeps their models.
  ///
  /// - Returns: the fault, and the chain is unchanged; `nil` if there is none.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func extend(with manifests: [Signed<RoundManifest>]) throws -> String? {
    var links = links
    for signed in manifests.sorted(by: { $0.statement.round < $1.statement.round }) {
      let (round, next) = (signed.statement.round, try ChainLink(signed.statement))
      guard links.indices.contains(round - 1) else {
        return "the manifest of round \(links.count) is missing"
      }
      let known = links.indices.contains(round) ? links[round] : nil
      if let known, known.manifests.contains(next.manifests[0]) { continue }
      if let fault = terms.fault(in: [signed], after: links[round - 1]) { return fault }
      if let known {
        guard known.hasModel(of: next) else {
          return
            "the coordinator has signed two different \(known.file == next.file ? "messages" : "models") for round \(round)"
        }
        links[round].manifests += next.manifests
      } else {
        links.append(next)
      }
    }
    guard links != self.links else { return nil }
    try DurableFolder.create(file.deletingLastPathComponent())
    try AtomicFile.write(try CanonicalJSON.encode(Array(links.dropFirst())), to: file)
    self.links = links
    return nil
  }
}
