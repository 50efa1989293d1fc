import FederatedCore
import Testing

@testable import AuditLog

@Suite struct AuditRecordTests {
  @Test func studyMatchesByNameOrDigest() {
    let subject = AuditSubject(study: "lgg-flair", digest: String(repeating: "ab12", count: 16))
    for name in ["lgg-flair", "ab12ab", "AB12ab12"] { #expect(subject.isOf(study: name)) }
    for name in ["lgg", "ab12", "ffffff", ""] { #expect(!subject.isOf(study: name)) }
    #expect(!AuditSubject().isOf(study: "lgg-flair"))
  }

  @Test func namesOfActionsAreFixed() {
    #expect(AuditAction.allCases.allSatisfy { $0.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)+/) != nil })
    #expect(AuditAction(rawValue: "update-released") == .updateReleased)
  }
}
