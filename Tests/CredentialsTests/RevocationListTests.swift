import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Credentials

@Suite struct RevocationListTests {
  private let authority: TestAuthority

  init() throws { authority = try TestAuthority() }

  @Test func listSurvivesAFile() throws {
    try withTemporaryFolder { folder in
      let list = try authority.revoking([authority.identity(.site, "DU")], version: 3, reason: .left)
      let file = folder.appending(path: "revoked.json")
      try list.encoded().write(to: file)
      let copy = try RevocationList.load(from: file)
      #expect(copy == list)
      #expect(copy.version == 3)
      #expect(copy.entries.map(\.party.description) == ["site/DU"])
      #expect(throws: Never.self) { try copy.verify(by: authority.authority) }
    }
  }

  @Test func aChangedListIsRefused() throws {
    let list = try authority.revoking([authority.identity(.site, "DU")], version: 3)
    let text = String(decoding: try list.encoded(), as: UTF8.self)
    for (from, to) in [(#""version" : 3"#, #""version" : 4"#), ("DU", "HT"), ("compromised", "left")] {
      let changed = try RevocationList(Data(text.replacing(from, with: to).utf8))
      #expect(changed != list)
      let error = #expect(throws: ConsiliumError.self) { try changed.verify(by: authority.authority) }
      #expect(error?.message.contains("or was changed; ask for it again") == true)
    }
  }

  @Test func anotherAuthoritysListIsRefused() throws {
    let foreign = try TestAuthority(consortium: "elsewhere").revoking([])
    let error = #expect(throws: ConsiliumError.self) {
      try Authority(pem: authority.authority.pem, revocations: foreign)
    }
    #expect(error?.message == "the revocation list belongs to 'elsewhere'; expected that of 'test'")
    #expect(throws: ConsiliumError.self) {
      try authority.authority.updated(with: try authority.impostor().revoking([]))
    }
  }

  @Test func anOlderListNeverReplacesANewer() throws {
    let identity = try authority.identity(.site, "DU")
    let current = try authority.authority.updated(with: try authority.revoking([identity], version: 2))
    let error = #expect(throws: ConsiliumError.self) {
      try current.updated(with: try authority.revoking([], version: 1))
    }
    #expect(error?.message.contains("version 1 of the revocation list is older than version 2") == true)
    #expect(try current.updated(with: try authority.revoking([], version: 3)).revocations?.version == 3)
  }

  @Test func departedSitesEarlierSignatureStaysValid() throws {
    let identity = try authority.identity(.site, "DU")
    let statement = Data("round 3".utf8)
    let noon = Date()
    let before = try identity.sign(statement, at: noon.addingTimeInterval(-60))
    let after = try identity.sign(statement, at: noon.addingTimeInterval(60))
    let undated = try identity.sign(statement)
    for reason in [RevocationList.Reason.left, .replaced] {
      let informed = try authority.authority.updated(
        with: try authority.revoking([identity], reason: reason, at: noon))
      #expect(try informed.verify(before, over: statement, at: noon) == identity.party)
      for signature in [after, undated] {
        let error = #expect(throws: ConsiliumError.self) {
          try informed.verify(signature, over: statement, at: noon)
        }
        #expect(error?.message.contains("the signature of site/DU is invalid") == true)
      }
    }
    let stolen = try authority.authority.updated(with: try authority.revoking([identity], at: noon))
    #expect(throws: ConsiliumError.self) { try stolen.verify(before, over: statement, at: noon) }
  }

  @Test(arguments: ["", "{}", "[]", "null", #"{"content": 1, "signature": ""}"#]) func rejectsDamagedBytes(
    text: String
  ) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "revoked.json")
      try Data(text.utf8).write(to: file)
      let error = #expect(throws: ConsiliumError.self) { try RevocationList.load(from: file) }
      #expect(error?.message == "'\(file.path)' is not a revocation list, or it is damaged")
    }
  }
}
