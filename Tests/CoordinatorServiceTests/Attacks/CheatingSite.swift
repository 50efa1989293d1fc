import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import StudyAgreement

@testable import FederatedTransport

/// A site under an attacker's control: it has the site's key and certificate, and sends what it likes.
struct CheatingSite: Sendable {
  let member: StudySite
  let arm: String
  private let transport: NetworkTransport
  private let store: BlobStore

  init(_ member: StudySite, in arm: String = "fedavg") throws {
    self.member = member
    self.arm = arm
    transport = try member.transport(arm)
    store = try member.store("forged-\(arm)")
  }

  /// What the coordinator made of an answer.
  enum Outcome: Equatable, Sendable {
    case counted
    /// It changed nothing.
    case ignored
    case refused(String)
  }

  /// The next question of the arm; `nil` at its end.
  func question() async throws -> Assignment? { try await transport.nextAssignment(for: member.site) }

  /// Answers as an honest site would.
  func answerHonestly(_ assignment: Assignment) async throws {
    let session = SiteSession(
      site: member.site, stages: try member.plan.stages(of: arm), trainer: member.trainer,
      gate: ReleaseGate())
    try await session.serve(over: OneQuestion(transport, assignment))
  }

  /// Answers with a lie.
  func submit(_ lie: Lie, to assignment: Assignment) async throws -> Outcome {
    do {
      return try await client.submit(try await request(lie, assignment)) ? .counted : .ignored
    } catch let error as ConsiliumError {
      return .refused(error.message)
    }
  }

  /// Reports a failure.
  func fail(_ code: String, _ message: String, at assignment: Assignment) async throws {
    _ = try await client.submit(
      .with {
        $0.study = member.id
        $0.arm = arm
        $0.id = assignment.id.message
        $0.failure = .with {
          $0.code = code
          $0.message = message
        }
      })
  }

  private var client: CoordinatorClient { member.client }

  private func request(_ lie: Lie, _ assignment: Assignment) async throws -> Consilium_V1_Answer {
    var draft = Lie.Draft(
      update: NamedParts(member.trainer.initialModel), weight: Double(member.examples),
      examples: member.examples)
    lie.draft(&draft)
    let blob = try file(of: draft)
    if draft.isSent { try await client.send(blob, of: member.id, from: store) }
    let message = StageMessage.update(
      draft.update, weight: draft.weight,
      TrainingSummary(exampleCount: draft.examples, stepCount: 1, loss: nil, seconds: 0))
    var request = Consilium_V1_Answer()
    request.study = member.id
    request.arm = arm
    request.id = assignment.id.message
    request.message = try await message.wire { _ in blob }
    var statement = member.statement(
      about: NetworkContribution(
        site: member.site, arm: arm, id: assignment.id, base: assignment.files["model"] ?? "",
        updateDigest: blob.name, weight: draft.weight, exampleCount: draft.examples))
    lie.statement(&statement)
    request.statement = try member.sign(statement, by: draft.signer)
    lie.request(&request)
    return request
  }

  private func file(of draft: Lie.Draft) throws -> BlobDescriptor {
    guard let bytes = draft.bytes else { return try store.add(draft.update) }
    let file = store.folder.appending(path: "raw")
    try bytes.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try store.add(copyOf: file)
  }
}

/// One thing that a cheating site sends in place of an honest update, and what the coordinator makes of it.
struct Lie: Sendable {
  /// The content of an answer before it is signed.
  struct Draft {
    var update: NamedParts
    var weight: Double
    var examples: Int
    /// The bytes of the update's file; `nil` for those of the update.
    var bytes: Data?
    /// Whether the file is sent.
    var isSent = true
    /// The signer; `nil` for the site itself.
    var signer: Identity?
  }

  var name: String
  /// A part of the refusal, as the site's operator reads it; `nil` if the answer is ignored.
  var refusal: String?
  var draft: @Sendable (inout Draft) -> Void = { _ in }
  /// Changes the statement about the draft.
  var statement: @Sendable (inout ContributionStatement) -> Void = { _ in }
  /// Changes the message on the wire.
  var request: @Sendable (inout Consilium_V1_Answer) -> Void = { _ in }
}

/// A transport that asks one question.
private actor OneQuestion: SiteTransport {
  private let base: NetworkTransport
  private var assignment: Assignment?

  init(_ base: NetworkTransport, _ assignment: Assignment) {
    self.base = base
    self.assignment = assignment
  }

  func nextAssignment(for site: SiteID) -> Assignment? { assignment.take() }

  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
    try await base.submit(answer, to: assignment, from: site)
  }
}
