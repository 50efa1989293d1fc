import Credentials
import FederatedCore
import Foundation
import StudyAgreement

@testable import FederatedTransport

extension Lie {
  private static let other = String(repeating: "0", count: 64)
  private static let mismatch = "the statement of site 'mallory' does not match the update that came with it"
  private static let foreign = "the contribution of site 'mallory' is of another study, arm or round"

  /// Everything that a site can send in answer to a question to train that is not its honest update.
  ///
  /// - Parameter stranger: An identity with the site's name from another authority.
  static func all(stranger: Identity) -> [Lie] {
    statements(stranger) + weights + updates + files + messages
  }

  /// False statements about an update.
  private static func statements(_ stranger: Identity) -> [Lie] {
    [
      Lie(
        name: "trained from another model",
        refusal: "was trained from a different model than the round began with; it was not used",
        statement: { $0.base = other }),
      Lie(
        name: "statement of another arm",
        refusal: "\(foreign): it is of round 1 of arm 'local-mallory'; expected round 1 of arm 'fedavg'",
        statement: { $0.arm = "local-mallory" }),
      Lie(
        name: "statement of another round", refusal: "\(foreign): it is of round 99 of arm 'fedavg'",
        statement: { $0.round = 99 }),
      Lie(
        name: "statement of another study", refusal: "\(foreign): its study differs",
        statement: { $0.study = other }),
      Lie(name: "statement of another stage", refusal: mismatch, statement: { $0.stage = 1 }),
      Lie(name: "in the name of another site", refusal: mismatch, statement: { $0.site = SiteID("north") }),
      Lie(name: "statement of another update", refusal: mismatch, statement: { $0.update = other }),
      Lie(name: "statement of another weight", refusal: mismatch, statement: { $0.weight = 1 }),
      Lie(name: "statement of other examples", refusal: mismatch, statement: { $0.examples = 1 }),
      Lie(
        name: "trained with another message",
        refusal: "was trained with a different message of the strategy than the round began with",
        statement: { $0.message = other }),
      Lie(
        name: "makes another model", refusal: "states that it makes a different model than it does",
        statement: { $0.result = other }),
      Lie(
        name: "no entry of its log", refusal: "names no entry of the site's audit log",
        statement: { $0.auditHead = nil }),
      Lie(
        name: "impossible entry of its log", refusal: "names no entry of the site's audit log",
        statement: { $0.auditHead = AuditAnchor(sequence: -1, hash: "x") }),
      Lie(
        name: "signed with a stolen name", refusal: "is invalid:",
        draft: { [stranger] in $0.signer = stranger }
      ),
      Lie(
        name: "changed after it was signed", refusal: "is invalid:",
        request: { $0.statement = changedAfterSigning($0.statement) }),
      Lie(name: "unsigned", refusal: "a site's statement", request: { $0.statement = Data() }),
    ]
  }

  /// Claims of more weight.
  private static let weights: [Lie] = [
    Lie(
      name: "weight 1e15",
      refusal: "has the weight 1000000000000000.0; expected more than 0 and at most 1099511627776",
      draft: { $0.weight = 1e15 }),
    Lie(
      name: "weight 1e300", refusal: "the fact 'weight' is 1e+300; expected -1e+39 to 1e+39",
      draft: { $0.weight = 1e300 }),
    Lie(
      name: "weight 1e38", refusal: "has the weight 1e+38; expected more than 0 and at most 1099511627776",
      draft: { $0.weight = 1e38 }),
    Lie(
      name: "twice the weight", refusal: "has the weight 40.0; the study's weighting gives 20.0 for 20",
      draft: { $0.weight *= 2 }),
    Lie(
      name: "more examples than it reported",
      refusal: "has the weight 2000.0; expected 20.0, from the number of training examples that the site "
        + "reported before the first round",
      draft: {
        $0.weight *= 100
        $0.examples *= 100
      }),
    Lie(name: "weight 0", refusal: "has the weight 0.0; expected more than 0", draft: { $0.weight = 0 }),
    Lie(name: "weight -1", refusal: "has the weight -1.0; expected more than 0", draft: { $0.weight = -1 }),
    Lie(
      name: "countless examples", refusal: "the fact 'examples' is 9223372036854775807",
      request: { $0.change("examples") { $0.integer = .max } }),
  ]

  /// Updates that would destroy the model.
  private static let updates: [Lie] = [
    Lie(
      name: "3e38", refusal: "has values that are beyond 1.0995116e+12, with which no model can be trained",
      draft: { $0.fill(3e38) }),
    Lie(name: "-1e20", refusal: "has values that are beyond 1.0995116e+12", draft: { $0.fill(-1e20) }),
    Lie(
      name: "not a number", refusal: "has values that are infinite or not a number", draft: { $0.fill(.nan) }
    ),
    Lie(
      name: "infinite", refusal: "has values that are infinite or not a number",
      draft: { $0.fill(-.infinity) }),
    Lie(
      name: "another model", refusal: "has other parameters than the agreed model",
      draft: {
        $0.update = NamedParts(
          ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])])))
      }
    ),
    Lie(
      name: "two models", refusal: "has other parameters than the agreed model",
      draft: {
        $0.update = NamedParts(
          names: ["model", "control"], parts: [$0.update.parts[0], $0.update.parts[0]])
      }),
  ]

  /// Files that are no updates.
  private static let files: [Lie] = [
    Lie(name: "noise", refusal: "cannot be read:", draft: { $0.bytes = Data(repeating: 0xFF, count: 64) }),
    Lie(name: "one byte", refusal: "cannot be read:", draft: { $0.bytes = Data([1]) }),
    Lie(
      name: "too large", refusal: "announced 900000 bytes; an update of this study has at most",
      draft: { $0.bytes = Data(count: 900_000) }),
    Lie(
      name: "file that is not sent", refusal: "is incomplete; send the missing chunks",
      draft: {
        $0.fill(0.125)
        $0.isSent = false
      }),
  ]

  /// Messages that are no answers to the question.
  private static let messages: [Lie] = [
    Lie(
      name: "undeclared fact", refusal: "the undeclared fact 'age'",
      request: {
        $0.message.facts.append(
          .with {
            $0.name = "age"
            $0.integer = 70
          })
      }),
    Lie(
      name: "another kind", refusal: "expected the kind 'update'",
      request: { $0.message.kind = "evaluation" }),
    Lie(name: "path as a kind", refusal: "an invalid name", request: { $0.message.kind = "../update" }),
    Lie(name: "nothing", refusal: "an answer without content", request: { $0.content = nil }),
    Lie(name: "answer to a later round", refusal: nil, request: { $0.id.round += 1 }),
    Lie(name: "answer in another arm", refusal: nil, request: { $0.arm = "local-north" }),
    Lie(
      name: "answer in another study", refusal: "there is no study '../s' here",
      request: { $0.study = "../s" }),
  ]

  /// A statement that was changed after it was signed.
  private static func changedAfterSigning(_ data: Data) -> Data {
    guard var signed: Signed<ContributionStatement> = try? WireJSON.decode(data, "a statement") else {
      return data
    }
    signed.statement.auditHead?.sequence += 1
    guard let changed = try? WireJSON.encode(signed) else { return data }
    return changed
  }
}

extension Lie.Draft {
  fileprivate mutating func fill(_ value: Float) {
    let layout = update.parts[0].layout
    update = NamedParts(
      ModelParameters(layout: layout, values: [Float](repeating: value, count: layout.count)))
  }
}

extension Consilium_V1_Answer {
  fileprivate mutating func change(_ fact: String, _ body: (inout Consilium_V1_Fact) -> Void) {
    for index in message.facts.indices where message.facts[index].name == fact { body(&message.facts[index]) }
  }
}
