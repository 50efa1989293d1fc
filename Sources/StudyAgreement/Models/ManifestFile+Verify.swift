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
    /// Why the model is not the agreed result although it is genuine; `nil` if it is.
    public var shortcoming: String?
    /// Remarks that are not problems.
    public var notes: [String] = []

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
    checkConclusion(by: authority, at: date, &review)
    if let agreement {
      check(agreement, by: authority, at: date, &review)
    } else {
      review.faults.append(
        "the agreement is missing, so nothing shows which study the sites signed; fetch the manifest again with "
          + "'consilium study results'")
    }
    return review
  }

  /// The rounds with all that the agreement says about them.
  private var chain: ManifestChain {
    ManifestChain(
      study: study, arm: arm, manifests: rounds,
      required: agreement.map { $0.proposal.statement.required(in: arm, of: try? $0.proposal.read().study) },
      weighting: agreement.flatMap { try? WeightRule($0.proposal.read().study, arm: arm) })
  }

  /// The problems of the rounds, in words; a model is not needed to find them.
  public func faultsOfRounds(by authority: Authority, at date: Date) -> [String] {
    chain.verify(by: authority, at: date).faults.map(\.description)
  }

  /// Checks that no round was cut off at the end, and that the model is the result of the arm.
  private func checkConclusion(by authority: Authority, at date: Date, _ review: inout Review) {
    guard let conclusion else {
      if rounds.contains(where: \.statement.isAnchored) {
        review.faults.append(
          "the coordinator's conclusion is missing, so the last rounds may have been cut off")
      } else {
        review.notes.append(
          "version 0.1 signed the rounds; nothing shows that none was cut off at the end, or that this round's model "
            + "is the result")
      }
      return
    }
    let statement = conclusion.statement
    do throws(ConsiliumError) {
      try conclusion.verify(by: authority, role: .coordinator, at: date)
    } catch {
      review.faults.append("the coordinator's conclusion is forged: \(error.message)")
    }
    let last = rounds.max { $0.statement.round < $1.statement.round }?.statement
    if statement.study != study || statement.arm != arm {
      review.faults.append("the coordinator's conclusion is of another study or arm")
    } else if statement.rounds != last?.round {
      review.faults.append(
        "the arm ended after round \(statement.rounds), but the manifest ends with round \(last?.round ?? 0)")
    } else if statement.manifest != (try? last?.digest()) {
      review.faults.append("the coordinator's conclusion follows another round \(statement.rounds)")
    }
    if statement.round != round {
      review.faults.append(
        "the result of the arm is the model of round \(statement.round), not this one of round \(round)")
    } else if statement.model != model {
      review.faults.append("the result of the arm is a different model")
    }
    if !statement.isComplete {
      review.shortcoming = "the study ended early, after round \(statement.rounds) of this arm"
    }
  }

  private func check(
    _ agreement: StudyAgreement, by authority: Authority, at date: Date, _ review: inout Review
  ) {
    if agreement.proposal.digest != study { review.faults.append("the agreement is about another study") }
    do {
      let result = try agreement.review(by: authority, at: date)
      review.agreement = result
      review.faults += result.faults.map { "agreement: site '\($0.site)': \($0.message)" }
      let signers = result.withdrawn.union(result.signed.keys)
      let missing = result.proposal.required.filter { !signers.contains($0) }
      if !missing.isEmpty || signers.count < result.proposal.minimum {
        let sites = missing.map { "'\($0)'" }.joined(separator: ", ")
        review.faults.append(
          "agreement: too few sites signed the study"
            + (sites.isEmpty ? "" : "; these are required: \(sites)"))
      }
      for site in result.withdrawn.sorted() {
        review.notes.append("site '\(site)' has withdrawn; it took part until then")
      }
      let contributors = Set(rounds.flatMap { $0.statement.contributions.map(\.statement.site) })
      for site in contributors.subtracting(signers).sorted() {
        review.faults.append("site '\(site)' contributed but did not sign the study")
      }
    } catch let error as ConsiliumError {
      review.faults.append("agreement: \(error.message)")
    } catch {
      review.faults.append("agreement: \(error)")
    }
  }
}

extension ManifestFile {
  /// The entries that the audit log of a party must contain, as the signed rounds state: the coordinator's
  /// own, or those that a site stated with its contributions.
  public func auditAnchors(of owner: Party) -> [AuditAnchor] {
    switch owner.role {
    case .coordinator:
      rounds.filter { $0.signer == owner }.compactMap(\.statement.auditHead)
    case .site:
      rounds.flatMap(\.statement.contributions).filter { $0.statement.site.rawValue == owner.name }
        .compactMap(\.statement.auditHead)
    default: []
    }
  }
}
