import CredentialsTesting
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import Testing

@testable import FederatedTransport

/// Updates that a site, or whoever has taken it over, should not have sent.
struct SubmissionTests {
  private let a = SiteID("a")

  /// Runs `body` as site `a`, with a call that uploads a file and submits it.
  private func asSite(
    check: @escaping StudyRoom.ContributionCheck = { _, _ in },
    _ body: @escaping @Sendable (Attack, CoordinatorDesk<ModelParameters>) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, desk) = try await consortium.openStudy(check: check)
      await desk.assign(.some(1), to: a)
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          try await body(Attack(client, try BlobStore(folder.appending(path: "attack"))), desk)
          // Whatever was refused, the round goes on: a good update still counts, once.
          let attack = Attack(client, try BlobStore(folder.appending(path: "good")))
          let counted = try await attack.submit(ModelParameters.some(2))
          #expect(counted)
          let replayed = try await attack.submit(ModelParameters.some(2))
          #expect(!replayed)
        }
      }
      var mail = desk.mail.makeAsyncIterator()
      guard case .answer(let answer)? = await mail.next(), case .update(let received) = answer.answer
      else {
        throw LawBrokenHere("no update")
      }
      #expect(received.update.payload == ModelParameters.some(2))
    }
  }

  @Test func valuesThatAreNotNumbersAreRefused() async throws {
    try await asSite { attack, desk in
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

  @Test func anotherShapeNameOrRoleIsRefused() async throws {
    let weight = ParameterLayout.Entry(name: "weight", shape: [3, 4])
    let mean = ParameterLayout.Entry(name: "mean", shape: [5], role: .buffer)
    let layouts: [[ParameterLayout.Entry]] = [
      [.init(name: "weight", shape: [4, 3]), mean], [.init(name: "Weight", shape: [3, 4]), mean],
      [weight, .init(name: "mean", shape: [5])], [weight], [mean, weight],
    ]
    try await asSite { attack, desk in
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

  @Test func weightsAndCountsThatAreNonsenseAreRefused() async throws {
    try await asSite { attack, desk in
      for weight in [Double.nan, .infinity, -1, 0] {
        let error = await refusal { try await attack.submit(ModelParameters.some(1), weight: weight) }
        #expect(error?.code == .invalidUpdate, "\(weight): \(error as Any)")
      }
      let error = await refusal {
        try await attack.submit(ModelParameters.some(1)) { $0.update.summary.examples = .max }
      }
      #expect(error?.message.contains("\(UInt64.max) examples") == true)
      let loss = await refusal {
        try await attack.submit(ModelParameters.some(1)) { $0.update.summary.loss = .nan }
      }
      #expect(loss?.message.contains("the loss is nan") == true)
    }
  }

  @Test func aFileThatIsNoModelIsRefused() async throws {
    try await asSite { attack, desk in
      let good = attack.store.url(of: try attack.store.add(NamedParts(ModelParameters.some(1))))
      let bytes = try Data(contentsOf: good)
      var flipped = bytes
      flipped[20] ^= 0x10
      for data in [bytes.dropLast(4), flipped, Data(repeating: 0xFF, count: 64), Data([1])] {
        let error = await refusal { try await attack.submit(file: Data(data)) }
        #expect(
          error?.message.hasPrefix("the update of site 'a' cannot be read:") == true, "\(error as Any)")
        #expect(error?.code == .invalidUpdate)
        // Where the file lies is the coordinator's own business.
        #expect(error?.message.contains("/") == false, "\(error?.message ?? "")")
      }
    }
  }

  @Test func moreThanAnUpdateCanHaveIsRefusedBeforeItIsSent() async throws {
    try await asSite { attack, desk in
      let error = await refusal { try await attack.submit(file: Data(count: 200_000)) }
      #expect(
        error?.message.hasPrefix("site 'a' announced 200000 bytes; an update of this study has at most")
          == true)
    }
  }

  @Test func anUpdateThatIsNotThereIsRefused() async throws {
    try await asSite { attack, desk in
      let blob = try attack.store.add(NamedParts(ModelParameters.some(5)))
      let error = await refusal { try await attack.submit(blob) }
      #expect(error?.message.hasSuffix("the update of site 'a' is not here; send what is missing") == true)
    }
  }

  @Test func aStatementThatDoesNotFitIsRefused() async throws {
    let check: StudyRoom.ContributionCheck = { statement, contribution in
      guard statement == Data("signed".utf8) else {
        throw ConsiliumError(.invalidUpdate, "the contribution of site '\(contribution.site)' is not signed")
      }
    }
    try await asSite(check: check) { attack, desk in
      for statement in [Data(), Data("forged".utf8)] {
        let error = await refusal {
          try await attack.submit(ModelParameters.some(1)) { $0.update.contribution = statement }
        }
        #expect(error?.message == "the contribution of site 'a' is not signed")
      }
    }
  }

  @Test func anAnswerToAnotherRoundOrQuestionDoesNotCount() async throws {
    try await asSite { attack, desk in
      for id in [Assignment.ID(round: 0, stage: 0), .init(round: 2, stage: 0), .init(round: 1, stage: nil)] {
        let counted = try await attack.submit(ModelParameters.some(1)) { $0.id = id.message }
        #expect(!counted)
      }
      let counted = try await attack.submit(ModelParameters.some(1)) { $0.arm = "../fedavg" }
      #expect(!counted)
      let error = await refusal {
        try await attack.submit(ModelParameters.some(1)) { $0.evaluation = .with { $0.patients = 1 } }
      }
      #expect(error?.message == "site 'a' answered something else than it was asked in round 1")
      let nothing = await refusal { try await attack.submit(ModelParameters.some(1)) { $0.answer = nil } }
      #expect(nothing?.message == "a message cannot be used: an answer without content")
      let study = await refusal { try await attack.submit(ModelParameters.some(1)) { $0.study = "../s" } }
      #expect(study?.message == "there is no such study")
    }
  }

  @Test func aSiteCannotEndTheStudyWithItsErrors() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, desk) = try await consortium.openStudy()
      var mail = desk.mail.makeAsyncIterator()
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          for (round, code) in ["cancelled", "storage", "nonsense", "diverged", "memory"].enumerated() {
            await desk.assign(.some(round + 1), to: SiteID("a"))
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
        guard case .answer(let answer)? = await mail.next(), case .failure(let error) = answer.answer else {
          throw LawBrokenHere("no failure")
        }
        #expect(error.code == code)
        #expect(error.message.count == 2000)
      }
    }
  }
}

/// A site that sends what it likes.
struct Attack: Sendable {
  let client: CoordinatorClient
  let store: BlobStore

  init(_ client: CoordinatorClient, _ store: BlobStore) { (self.client, self.store) = (client, store) }

  typealias Change = @Sendable (inout Consilium_V1_SubmitRequest) -> Void

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
    var request = Consilium_V1_SubmitRequest.with {
      ($0.study, $0.arm, $0.id) = ("s", TestConsortium.arm, Assignment.ID(round: 1, stage: 0).message)
      $0.update = .with {
        ($0.blob, $0.weight, $0.contribution) = (blob.message, weight, Data("signed".utf8))
        $0.summary = .with { ($0.examples, $0.steps) = (3, 1) }
      }
    }
    change(&request)
    return try await client.submit(request)
  }
}
