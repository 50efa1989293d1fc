import CredentialsTesting
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import Synchronization
import TestSupport
import Testing

@testable import FederatedTransport

/// Invalid submissions by a site, or by an attacker who controls the site.
struct SubmissionTests {
  private let a = SiteID("a")

  /// Runs `body` as site `a`, with a call that uploads a file and submits it.
  private func asSite(
    check: @escaping StudyEndpoint.ContributionCheck = { _, _ in },
    _ body: @escaping @Sendable (Attack, CoordinatorMailbox) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy(check: check)
      await mailbox.assignTraining(.some(1), to: a)
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          try await body(Attack(client, try BlobStore(folder.appending(path: "attack"))), mailbox)
          // After every refusal the round continues: a good update is still accepted, once.
          let attack = Attack(client, try BlobStore(folder.appending(path: "good")))
          let counted = try await attack.submit(ModelParameters.some(2))
          #expect(counted)
          let replayed = try await attack.submit(ModelParameters.some(2))
          #expect(!replayed)
        }
      }
      var mail = mailbox.mail.makeAsyncIterator()
      guard case .answer(.message(let received), _, _)? = await mail.next() else {
        throw LawBrokenHere("no update")
      }
      #expect(try received.message.parameters("update").parts == [ModelParameters.some(2)])
    }
  }

  @Test func nonFiniteValuesAreRefused() async throws {
    try await asSite { attack, mailbox in
      for bad in [Float.nan, .infinity] {
        let layout = TestConsortium.layout
        let values = [bad] + [Float](repeating: 0, count: layout.count - 1)
        let error = await refusal { try await attack.submit(ModelParameters(layout: layout, values: values)) }
        #expect(
          error?.message
            == "the update of site 'a' in round 1 has values that are infinite or not a number")
        #expect(error?.code == .invalidUpdate)
      }
    }
  }

  @Test func updateWithAnotherLayoutIsRefused() async throws {
    let weight = ParameterLayout.Entry(name: "weight", shape: [3, 4])
    let mean = ParameterLayout.Entry(name: "mean", shape: [5], role: .buffer)
    let layouts: [[ParameterLayout.Entry]] = [
      [.init(name: "weight", shape: [4, 3]), mean], [.init(name: "Weight", shape: [3, 4]), mean],
      [weight, .init(name: "mean", shape: [5])], [weight], [mean, weight],
    ]
    try await asSite { attack, mailbox in
      for entries in layouts {
        let error = await refusal {
          try await attack.submit(ModelParameters.some(1, ParameterLayout(entries: entries)))
        }
        #expect(
          error?.message
            == "the update of site 'a' has other parameters than the agreed model; it was not used")
      }
      let parts = NamedParts(names: ["model", "extra"], parts: [.some(1), .some(2)])
      let error = await refusal { try await attack.submit(parts) }
      #expect(error?.message.contains("other parameters than the agreed model") == true)
    }
  }

  @Test func impossibleWeightsAndCountsAreRefused() async throws {
    try await asSite { attack, mailbox in
      for weight in [Double.nan, .infinity, -1, 0] {
        let error = await refusal { try await attack.submit(ModelParameters.some(1), weight: weight) }
        #expect(error?.code == .invalidUpdate, "\(weight): \(error as Any)")
      }
      let error = await refusal {
        try await attack.submit(ModelParameters.some(1)) { $0.change("examples") { $0.integer = .max } }
      }
      #expect(error?.message.contains("the fact 'examples' is \(Int.max)") == true)
      let loss = await refusal {
        try await attack.submit(ModelParameters.some(1)) { $0.change("weight") { $0.real = .nan } }
      }
      #expect(loss?.message.contains("infinite or not a number") == true)
    }
  }

  @Test func fileWithoutAModelIsRefused() async throws {
    try await asSite { attack, mailbox in
      let good = attack.store.url(of: try attack.store.add(NamedParts(ModelParameters.some(1))))
      let bytes = try Data(contentsOf: good)
      var flipped = bytes
      flipped[20] ^= 0x10
      for data in [bytes.dropLast(4), flipped, Data(repeating: 0xFF, count: 64), Data([1])] {
        let error = await refusal { try await attack.submit(file: Data(data)) }
        #expect(
          error?.message.hasPrefix("the update of site 'a' cannot be read:") == true, "\(error as Any)")
        #expect(error?.code == .invalidUpdate)
        // The message must not contain the coordinator's local path.
        #expect(error?.message.contains("/") == false, "\(error?.message ?? "")")
      }
    }
  }

  @Test func oversizedUploadIsRefusedBeforeItIsSent() async throws {
    try await asSite { attack, mailbox in
      let error = await refusal { try await attack.submit(file: Data(count: 200_000)) }
      #expect(
        error?.message.hasPrefix("site 'a' announced 200000 bytes; an update of this study has at most")
          == true)
    }
  }

  @Test func updateWithoutItsFileIsRefused() async throws {
    try await asSite { attack, mailbox in
      let blob = try attack.store.add(NamedParts(ModelParameters.some(5)))
      let error = await refusal { try await attack.submit(blob) }
      #expect(
        error?.message.hasSuffix("the update of site 'a' is incomplete; send the missing chunks") == true)
    }
  }

  @Test func unsignedContributionIsRefused() async throws {
    let check: StudyEndpoint.ContributionCheck = { statement, contribution in
      guard statement == Data("signed".utf8) else {
        throw ConsiliumError(.invalidUpdate, "the contribution of site '\(contribution.site)' is not signed")
      }
    }
    try await asSite(check: check) { attack, mailbox in
      for statement in [Data(), Data("forged".utf8)] {
        let error = await refusal {
          try await attack.submit(ModelParameters.some(1)) { $0.statement = statement }
        }
        #expect(error?.message == "the contribution of site 'a' is not signed")
      }
    }
  }

  /// The coordinator knows from which file a site was asked to train, and which statement belongs to the
  /// update that it counted.
  @Test func onlyTheStatementOfTheCountedUpdateIsKept() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let checked = Mutex<[String]>([])
      let kept = Mutex<[String]>([])
      let (_, mailbox) = try await consortium.openStudy { _, contribution in
        checked.withLock { $0.append(contribution.base) }
      } keep: { statement, _ in
        kept.withLock { $0.append(String(decoding: statement, as: UTF8.self)) }
      }
      await mailbox.assignTraining(.some(1), to: a)
      let file = try BlobStore(folder.appending(path: "expected")).add(
        NamedParts(try #require(Assignment.some(1).model)))
      try await consortium.withServer { _, port in
        try await consortium.withClient(site, port: port) { client in
          let attack = Attack(client, try BlobStore(folder.appending(path: "attack")))
          for (name, layout) in [("wrong", ParameterLayout(entries: [])), ("first", TestConsortium.layout)] {
            _ = await refusal {
              try await attack.submit(ModelParameters.some(1, layout)) { $0.statement = Data(name.utf8) }
            }
          }
          try await attack.submit(ModelParameters.some(2)) { $0.statement = Data("late".utf8) }
        }
      }
      #expect(kept.withLock { $0 } == ["first"])
      #expect(checked.withLock { $0 } == [file.name, file.name])
    }
  }

  /// A site that cannot be dropped, since the study requires it, must not hold up a round for ever.
  @Test func siteFailsAfterTooManyRefusedAnswers() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy()
      await mailbox.assignTraining(.some(1), to: a)
      var mail = mailbox.mail.makeAsyncIterator()
      try await consortium.withServer { _, port in
        try await consortium.withClient(site, port: port) { client in
          let attack = Attack(client, try BlobStore(folder.appending(path: "attack")))
          for _ in 1..<CoordinatorMailbox.mostRefusals {
            _ = await refusal { try await attack.submit(ModelParameters.some(1), weight: -1) }
          }
          #expect(await mailbox.assignment(of: a) != nil)
          _ = await refusal { try await attack.submit(ModelParameters.some(1), weight: -1) }
          #expect(await mailbox.assignment(of: a) == nil)
        }
      }
      guard case .answer(.failure(let error), _, a)? = await mail.next() else {
        throw LawBrokenHere("no failure")
      }
      #expect(
        error.message
          == "10 of its answers were refused, the last because the update of site 'a' in round 1 has weight -1.0; "
          + "expected a positive number")
    }
  }

  @Test func undeclaredContentIsRefused() async throws {
    let changes: [(Attack.Change, String)] = [
      (
        { $0.message.facts.append(.with { ($0.name, $0.integer) = ("age", 70) }) },
        "the undeclared fact 'age'"
      ),
      (
        { $0.message.tensors.append(.with { ($0.name, $0.type, $0.inline) = ("extra", .u32, Data()) }) },
        "the undeclared tensor 'extra'"
      ),
      ({ $0.change("steps") { $0.text = "Doe, Jane" } }, "the undeclared fact 'steps' of the type 'text'"),
      ({ $0.message.facts.append($0.message.facts[0]) }, "a duplicate fact"),
      ({ $0.message.kind = "../update" }, "an invalid name"),
      (
        { $0.message.tensors.append($0.message.tensors[0]) }, "a duplicate tensor"
      ),
    ]
    try await asSite { attack, _ in
      for (change, words) in changes {
        let error = await refusal { try await attack.submit(ModelParameters.some(1), change) }
        #expect(error?.code == .invalidUpdate)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "nothing")")
      }
    }
  }

  @Test func answerToAnotherRoundOrQuestionIsRefused() async throws {
    try await asSite { attack, mailbox in
      for id in [Assignment.ID(round: 0, stage: 0), .init(round: 2, stage: 0), .init(round: 1, stage: nil)] {
        let counted = try await attack.submit(ModelParameters.some(1)) { $0.id = id.message }
        #expect(!counted)
      }
      let counted = try await attack.submit(ModelParameters.some(1)) { $0.arm = "../fedavg" }
      #expect(!counted)
      let error = await refusal {
        try await attack.submit(ModelParameters.some(1)) { $0.message.kind = "evaluation" }
      }
      #expect(
        error?.message == "a message of the kind 'evaluation' cannot be used: expected the kind 'update'")
      let nothing = await refusal { try await attack.submit(ModelParameters.some(1)) { $0.content = nil } }
      #expect(nothing?.message == "a message cannot be used: an answer without content")
      let study = await refusal { try await attack.submit(ModelParameters.some(1)) { $0.study = "../s" } }
      #expect(study?.message == "there is no such study")
    }
  }

  @Test func siteErrorsCannotEndTheStudy() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy()
      var mail = mailbox.mail.makeAsyncIterator()
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          for (round, code) in ["cancelled", "storage", "nonsense", "diverged", "memory"].enumerated() {
            await mailbox.assign(.some(round + 1), to: SiteID("a"))
            _ = try await client.submit(
              .with {
                ($0.study, $0.arm) = ("s", TestConsortium.arm)
                $0.id = Assignment.ID(round: round + 1, stage: 0).message
                $0.failure = .with { ($0.code, $0.message) = (code, String(repeating: "x", count: 5000)) }
              })
          }
        }
      }
      for code in [ConsiliumError.Code.engine, .engine, .engine, .diverged, .memory] {
        guard case .answer(.failure(let error), _, _)? = await mail.next() else {
          throw LawBrokenHere("no failure")
        }
        #expect(error.code == code)
        #expect(error.message.count == 2000)
      }
    }
  }
}

/// A site that may send arbitrary content.
struct Attack: Sendable {
  let client: CoordinatorClient
  let store: BlobStore

  init(_ client: CoordinatorClient, _ store: BlobStore) {
    self.client = client
    self.store = store
  }

  typealias Change = @Sendable (inout Consilium_V1_Answer) -> Void

  @discardableResult
  func submit(
    _ parameters: some ParameterGroup, weight: Double = 3, _ change: Change = { _ in }
  ) async throws -> Bool {
    try await submit(NamedParts(parameters), weight: weight, change)
  }

  @discardableResult
  func submit(_ parts: NamedParts, weight: Double = 3, _ change: Change = { _ in }) async throws -> Bool {
    let blob = try store.add(parts)
    try await client.send(blob, of: "s", from: store)
    return try await submit(blob, weight: weight, change)
  }

  @discardableResult
  func submit(file data: Data) async throws -> Bool {
    let file = store.folder.appending(path: "raw")
    try data.write(to: file)
    defer { unlink(file.path) }
    let blob = try store.add(copyOf: file)
    try await client.send(blob, of: "s", from: store)
    return try await submit(blob)
  }

  @discardableResult
  func submit(_ blob: BlobDescriptor, weight: Double = 3, _ change: Change = { _ in }) async throws -> Bool {
    let summary = TrainingSummary(exampleCount: 3, stepCount: 1, loss: nil, seconds: 0)
    var update = StageMessage.update(.none, weight: weight, summary)
    update.tensors["update"] = .u32([])
    var request = Consilium_V1_Answer()
    request.study = "s"
    request.arm = TestConsortium.arm
    request.id = Assignment.ID(round: 1, stage: 0).message
    request.statement = Data("signed".utf8)
    request.message = try await update.wire { _ in blob }
    request.message.tensors[0] = .with {
      $0.name = "update"
      $0.type = .f32
      $0.parameters = blob.message
    }
    change(&request)
    return try await client.submit(request)
  }
}

extension Consilium_V1_Answer {
  /// Changes a fact of the message.
  mutating func change(_ fact: String, _ body: (inout Consilium_V1_Fact) -> Void) {
    for index in message.facts.indices where message.facts[index].name == fact {
      body(&message.facts[index])
    }
  }
}
