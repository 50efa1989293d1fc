import Credentials
import FederatedCore
import Foundation
import StudyProtocol

/// A study that a study lead proposes to sites.
public struct StudyProposal: Codable, Sendable, Equatable {
  /// The study file exactly as the study lead wrote it.
  public var text: String
  public var signed: Signed<ProposalStatement>

  /// Proposes a study.
  ///
  /// - Parameters:
  ///   - text: The text of a study file.
  ///   - invited: The invited sites. If the study does not name required sites, every invited site is
  ///     required.
  ///   - initialModel: The digest of the file of initial weights, if the study names a file.
  /// - Throws: `StudyDiagnostics` if the study has errors, ``ConsiliumError`` with code `.invalidInput` if
  ///   the sites do not match it.
  public init(
    text: String, invited: [SiteID], initialModel: String? = nil, at time: Date,
    sign: (Data) throws(ConsiliumError) -> Signature
  ) throws {
    let study = try Study(yaml: text)
    let named = study.federation.sites.required
    let required = (named.isEmpty ? invited : named).sorted()
    let statement = ProposalStatement(
      study: try study.digest(), text: Self.digest(of: text), initialModel: initialModel,
      time: Moment.wholeSeconds(time), invited: invited.sorted(), required: required,
      minimum: study.federation.sites.minimum ?? required.count)
    try Self.checkSites(statement, of: study)
    self.text = text
    signed = try Signed(statement, sign: sign)
    try demandInitialModel(for: study)
  }

  /// Checks that the signature covers the initial weights.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the study names a file of weights but the
  ///   proposal lacks its digest, or the proposal has a digest but the study does not name a file.
  public func demandInitialModel(for study: Study) throws(ConsiliumError) {
    switch (study.model.initialWeights, statement.initialModel) {
    case (nil, nil): return
    case (_?, let digest?) where digest.wholeMatch(of: /[0-9a-f]{64}/) != nil: return
    case (_?, _):
      throw ConsiliumError(
        .invalidInput,
        "the study names a file of initial weights (model.initial-weights), but the proposal lacks its digest; "
          + "propose the study again with this version of the program, under the next version number")
    case (nil, _):
      throw ConsiliumError(
        .invalidInput,
        "the proposal has a file of initial weights, but the study names none in model.initial-weights"
      )
    }
  }

  /// Whether the two proposals differ only in time and signature.
  public func asksTheSame(as other: StudyProposal) -> Bool {
    var statement = other.statement
    statement.time = self.statement.time
    return statement == self.statement && other.text == text && other.lead == lead
  }

  public var statement: ProposalStatement { signed.statement }

  /// The study's digest.
  public var digest: String { signed.statement.study }

  public var lead: Party { signed.signer }

  /// Verifies that a study lead proposed this very study, and that this version can train it.
  ///
  /// - Returns: The study.
  /// - Throws: `StudyDiagnostics` if the study has errors, ``ConsiliumError`` if the proposal is invalid.
  @discardableResult
  public func verify(by authority: Authority, at date: Date) throws -> Study {
    let signed = try verifySignature(by: authority, at: date)
    if let faults = signed.faults { throw faults }
    return signed.study
  }

  /// Verifies that a study lead proposed this very study, even if this version would refuse to train it.
  ///
  /// - Throws: `StudyDiagnostics` if the study cannot be read, ``ConsiliumError`` if the proposal is invalid.
  @discardableResult
  public func verifySignature(by authority: Authority, at date: Date) throws -> SignedStudy {
    try signed.verify(by: authority, role: .lead, at: date)
    let study = try read()
    try Self.checkSites(statement, of: study.study)
    return study
  }

  /// Reads the study as it was signed, without verifying the study lead's signature.
  ///
  /// - Throws: `StudyDiagnostics` if the study cannot be read, ``ConsiliumError`` if it is not the signed
  ///   study.
  public func read() throws -> SignedStudy {
    guard Self.digest(of: text) == statement.text else {
      throw ConsiliumError(.invalidInput, "the study's text is not the one that \(lead) signed")
    }
    return try SignedStudy(text: text, digest: digest)
  }

  private static func digest(of text: String) -> String { Fingerprint.of(Data(text.utf8)) }

  private static func checkSites(_ statement: ProposalStatement, of study: Study) throws(ConsiliumError) {
    let invited = Set(statement.invited)
    guard !invited.isEmpty, invited.count == statement.invited.count else {
      throw ConsiliumError(.invalidInput, "a proposal must name at least one site, and each only once")
    }
    // Check the names: they become names of arms, and so of folders.
    for site in statement.invited { try Party.check(name: site.rawValue) }
    let named = study.federation.sites.required
    if let stranger = (named + statement.required).first(where: { !invited.contains($0) }) {
      throw ConsiliumError(.invalidInput, "the study requires the site '\(stranger)', which is not invited")
    }
    if let left = named.first(where: { !statement.required.contains($0) }) {
      throw ConsiliumError(
        .invalidInput, "the study requires the site '\(left)', but the proposal does not")
    }
    let minimum = study.federation.sites.minimum ?? statement.required.count
    guard statement.minimum >= minimum, statement.minimum <= invited.count else {
      throw ConsiliumError(
        .invalidInput,
        "the proposal starts with \(statement.minimum) sites; expected \(minimum) to \(invited.count); \(minimum) is "
          + "the study's minimum")
    }
  }
}
