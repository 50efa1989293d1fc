import Credentials
import FederatedCore
import Foundation

extension ManifestFile {
  /// The result of verifying a model with its manifest.
  public struct Review: Sendable, Equatable {
    public var rounds: ManifestReview
    /// The review of the agreement; `nil` if the file holds no agreement.
    public var agreement: AgreementReview?
    /// The problems outside the round manifests, in words.
    public var faults: [String] = []

    /// The problems in the round manifests and outside them, in words.
    public var allFaults: [String] { faults + rounds.faults.map(\.description) }

    /// Whether the model is the model that the coordinator and the sites signed. Signatures of required sites
    /// may still be missing.
    public var isGenuine: Bool { faults.isEmpty && rounds.faults.isEmpty }
  }

  /// Verifies that a model is the model named in the manifest, and verifies every signature of the
  /// coordinator, the study lead and the sites.
  ///
  /// - Parameters:
  ///   - digest: The SHA-256 of the model's parameters.
  ///   - file: The digest of the file in which sites would receive this model.
  ///   - date: The current date, for signatures that state no time.
  public func verify(
    modelDigest digest: String, fileDigest file: String, by authority: Authority, at date: Date
  ) -> Review {
    let chain = ManifestChain(
      study: study, arm: arm, manifests: rounds,
      required: agreement.map { $0.proposal.statement.required(in: arm) })
    var review = Review(rounds: chain.verify(by: authority, at: date))
    if digest != model {
      review.faults.append("the model has the SHA-256 \(digest), but its manifest is for \(model)")
    }
    let last = rounds.first { $0.statement.round == round }?.statement
    if last?.modelAfter != model {
      review.faults.append("round \(round) did not end with this model")
    } else if digest == model, last?.fileAfter != file {
      review.faults.append(
        "after round \(round), the sites continued from a different file than this model's")
    }
    if let agreement { check(agreement, by: authority, at: date, &review) }
    return review
  }

  private func check(
    _ agreement: StudyAgreement, by authority: Authority, at date: Date, _ review: inout Review
  ) {
    if agreement.proposal.digest != study { review.faults.append("the agreement is about another study") }
    do {
      let result = try agreement.review(by: authority, at: date)
      review.agreement = result
      review.faults += result.faults.map { "agreement: site '\($0.site)': \($0.message)" }
      if !result.isComplete {
        let sites = result.missing.map { "'\($0)'" }.joined(separator: ", ")
        review.faults.append(
          "agreement: too few sites signed the study"
            + (sites.isEmpty ? "" : "; these are required: \(sites)"))
      }
      let contributors = Set(rounds.flatMap { $0.statement.contributions.map(\.statement.site) })
      for site in contributors.subtracting(result.signed.keys).sorted() {
        review.faults.append("site '\(site)' contributed but did not sign the study")
      }
    } catch let error as ConsiliumError {
      review.faults.append("agreement: \(error.message)")
    } catch {
      review.faults.append("agreement: \(error)")
    }
  }
}
