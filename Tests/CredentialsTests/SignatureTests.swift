import CredentialsTesting
import Crypto
import FederatedCore
import Foundation
import Testing

@testable import Credentials

@Suite struct SignatureTests {
  private let statement = Data("round 3 of lgg-flair".utf8)

  @Test func aSignatureIsVerifiedByItsAuthority() throws {
    let authority = try TestAuthority()
    let identity = try authority.identity(.site, "DU")
    let signature = try identity.sign(statement, at: Date())
    #expect(try authority.authority.verify(signature, over: statement, at: Date()) == identity.party)
    #expect(identity.certificate.isValid(signature, over: statement))
  }

  @Test func signedBytesAreAsDocumented() throws {
    let identity = try TestAuthority().identity(.lead, "anna")
    let time = Date(timeIntervalSince1970: 1_800_000_000.75)
    let signature = try identity.sign(statement, at: time)
    let key = try P256.Signing.PublicKey(derRepresentation: identity.privateKey.publicKey.derRepresentation)
    let value = try P256.Signing.ECDSASignature(derRepresentation: signature.value)
    let text = "consilium-statement-1\n2027-01-15T08:00:00Z\nround 3 of lgg-flair"
    #expect(key.isValidSignature(value, for: Data(text.utf8)))
  }

  @Test func rejectsChangedStatement() throws {
    let authority = try TestAuthority()
    let identity = try authority.identity(.site, "DU")
    let signature = try identity.sign(statement, at: Date())
    var earlier = signature
    earlier.time = signature.time?.addingTimeInterval(-60)
    var other = signature
    other.value[other.value.endIndex - 1] ^= 1
    for (changed, text) in [(signature, Data("round 4".utf8)), (earlier, statement), (other, statement)] {
      #expect(throws: ConsiliumError.self) {
        try authority.authority.verify(changed, over: text, at: Date())
      }
      #expect(!identity.certificate.isValid(changed, over: text))
    }
  }

  @Test func rejectsSignatureAttributedToAnotherParty() throws {
    let authority = try TestAuthority()
    let signature = try authority.identity(.site, "DU").sign(statement)
    let other = try authority.identity(.site, "HT")
    var renamed = signature
    renamed.signer = other.party
    let error = #expect(throws: ConsiliumError.self) {
      try authority.authority.verify(renamed, over: statement, at: Date())
    }
    #expect(error?.message == "a signature of site/HT carries the certificate of site/DU")
    renamed.certificate = Data(other.certificate.derEncoded)
    #expect(throws: ConsiliumError.self) {
      try authority.authority.verify(renamed, over: statement, at: Date())
    }
  }

  @Test func datedSignatureStaysValidAfterCertificateExpires() throws {
    let authority = try TestAuthority()
    let identity = try authority.identity(.site, "DU")
    let inFiveYears = Date(timeIntervalSinceNow: 5 * 365 * 86_400)
    let dated = try identity.sign(statement, at: Date())
    #expect(try authority.authority.verify(dated, over: statement, at: inFiveYears) == identity.party)
    let undated = try identity.sign(statement)
    let error = #expect(throws: ConsiliumError.self) {
      try authority.authority.verify(undated, over: statement, at: inFiveYears)
    }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("expired on") == true)
  }

  @Test func rejectsTimeOutsideTheCertificatesDates() throws {
    let authority = try TestAuthority()
    let identity = try authority.expired(.site, "DU")
    let late = try identity.sign(statement, at: Date())
    #expect(throws: ConsiliumError.self) { try authority.authority.verify(late, over: statement, at: Date()) }
  }

  @Test func signatureSurvivesJSON() throws {
    let authority = try TestAuthority()
    let signature = try authority.identity(.site, "DU").sign(statement, at: Date())
    let copy = try JSONDecoder().decode(Signature.self, from: JSONEncoder().encode(signature))
    #expect(copy == signature)
    #expect(try authority.authority.verify(copy, over: statement, at: Date()).name == "DU")
  }

  @Test(arguments: ["soon", "99999-01-01T00:00:00Z", "1969-01-01T00:00:00Z", ""])
  func rejectsMalformedTime(time: String) throws {
    let json = """
      {"signer": {"role": "site", "name": "DU"}, "value": "", "certificate": "", "time": "\(time)"}
      """
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Signature.self, from: Data(json.utf8)) }
  }
}
