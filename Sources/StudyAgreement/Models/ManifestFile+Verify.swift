import Credentials
import FederatedCore
import Foundation

extension ManifestFile {
  /// What came of verifying a model with its manifest.
  public struct Review: Sendable, Equatable {
    public var rounds: ManifestReview
    /// Nil where the file holds no agreement.
    public var agreement: AgreementReview?
    /// What is wrong beside the rounds, in words.
    public var faults: [String] = []

    /// All that is wrong, in words.
    public var allFaults: [String] { faults + rounds.faults.map(\.description) }

    /// True where the model is what coordinator and sites signed; required sites may be missing all the same.
    public var isGenuine: Bool { faults.isEmpty && rounds.faults.isEmpty }
  }

  /// Verifies that a model is the one that the manifest names, and everything that coordinator, lead and sites signed.
  ///
  /// - Parameters:
  ///   - digest: the SHA-256 of the model's parameters as found.
  ///   - file: the digest of the file in which sites would get this model.
  ///   - date: for signatures that have no time of their own.
  public func verify(
    modelDigest digest: String, fileDigest file: String, by authority: Authority, at date: Date
  ) -> Review {
    let chain = ManifestChain(
      study: study, arm: arm, manifests: rounds,
      required: agreement.map { $0.proposal.statement.required(in: arm) })
    var review = Review(rounds: chain.verify(by: authority, at: date))
    if digest != model {
      review.faults.append("the model has the SHA-256 \(digest), and its manifest is of \(model)")
    }
    let last = rounds.first { $0.statement.round == round }?.statement
    if last?.modelAfter != model {
      review.faults.append("round \(round) did not end with this model")
    } else if digest == model, last?.fileAfter != file {
      review.faults.append("the sites went on from another file than this model's after round \(round)")
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
        review.faults.append("site '\(site)' contributed and did not sign the study")
      }
    } catch let error as ConsiliumError {
      review.faults.append("agreement: \(error.message)")
    } catch {
      review.faults.append("agreement: \(error)")
    }
  }
}
