import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// What the coordinator knows of the models between two sites of a ring.
public struct RingRecords: Sendable {
  /// The model that a site's update makes of the question's model; `nil` if the arm is no ring.
  public typealias Result =
    @Sendable (_ update: StageMessage, _ assignment: Assignment, _ arm: String, _ site: SiteID) throws
    -> ModelParameters?
  /// The signed contributions to a round of an arm that were accepted so far.
  public typealias Contributions =
    @Sendable (_ arm: String, _ round: Int) throws -> [Signed<ContributionStatement>]

  private let result: Result?
  private let contributions: Contributions

  public init(
    result: Result? = nil, contributions: @escaping Contributions = { _, _ in [] }
  ) {
    self.result = result
    self.contributions = contributions
  }

  /// Checks that a site's statement about its update states the model that the update makes.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` that names the problem.
  func check(
    _ statement: Data, about update: StageMessage, to assignment: Assignment,
    _ contribution: NetworkContribution
  ) throws {
    guard let result else { return }
    let model = try result(update, assignment, contribution.arm, contribution.site)
    let expected = model.map { BlobDescriptor.name(ofFileWith: NamedParts($0)) }
    let signed: Signed<ContributionStatement> = try WireJSON.decode(statement, "a site's statement")
    let stated = signed.statement.result
    guard stated != expected else { return }
    throw ConsiliumError(
      .invalidUpdate,
      "the contribution of site '\(contribution.site)' "
        + (stated == nil
          ? "does not state the model that it makes, which the next site of the ring must verify; install this version of "
            + "Consilium at the site"
          : "states that it makes a different model than it does; it was not used"))
  }

  /// The contributions that lead to the model of a question, in the order of their stages. Empty if the model is
  /// the one with which the round began.
  ///
  /// - Parameter file: the digest of the model's file, in hexadecimal.
  func contributions(to file: String, _ id: Assignment.ID, of arm: String) throws -> [Signed<
    ContributionStatement
  >] {
    guard let stage = id.stage, stage > 0 else { return [] }
    let known = try contributions(arm, id.round).sorted { $0.statement.stage > $1.statement.stage }
    var (steps, model, before) = ([Signed<ContributionStatement>](), file, stage)
    // Leave out contributions that an interrupted or failed stage left behind.
    for signed in known where signed.statement.stage < before && signed.statement.result == model {
      steps.insert(signed, at: 0)
      model = signed.statement.base
      before = signed.statement.stage
    }
    return steps
  }
}
