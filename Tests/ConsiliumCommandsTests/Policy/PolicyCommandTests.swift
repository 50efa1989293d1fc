import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct PolicyCommandTests {
  private func withPolicy(_ yaml: String, _ body: (String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "policy.yaml")
      try yaml.write(to: file, atomically: true, encoding: .utf8)
      try await body(file.path)
    }
  }

  @Test func acceptingPolicyEndsWithStatus0() async throws {
    try await withPolicy("release: {minimum-patients: 5}") { path in
      let valid = await consilium("policy", "check", path)
      #expect(valid.status == 0)
      #expect(valid.out.wholeMatch(of: /.*: the policy is valid, SHA-256 [0-9a-f]{64}\n/) != nil)
      let study = Fixtures.file("clinic/study.yaml")
      let accepted = await consilium("policy", "check", path, "--study", study, "--lead", "lab")
      #expect(accepted.status == 0)
      #expect(accepted.out.hasSuffix("the policy accepts the study\n"))
    }
  }

  @Test func refusingPolicyEndsWithStatus2() async throws {
    try await withPolicy("accept: {maximum-rounds: 1, leads: [other]}") { path in
      let study = Fixtures.file("clinic/study.yaml")
      let refused = await consilium("policy", "check", path, "--study", study, "--lead", "lab")
      #expect(refused.status == 2)
      #expect(
        refused.out.contains(
          "refuses: accept.maximum-rounds: the study has 3 rounds; at most 1 are allowed\n"))
      #expect(refused.err.hasPrefix("error: the policy refuses the study, for 2 reasons"))
      let json = await consilium("policy", "check", path, "--study", study, "--json")
      #expect(json.out.contains(#"{"effect":"refuses","#))
    }
  }

  @Test func reportsErrorsOfAPolicyWithTheirPlaces() async throws {
    try await withPolicy("relese: {}") { path in
      for command in ["check", "explain"] {
        let printed = await consilium("policy", command, path)
        #expect(printed.status == 2)
        #expect(printed.err.contains("policy.yaml:1:1: error: relese: unknown key"))
        #expect(printed.err.contains("Did you mean 'release'?"))
      }
    }
  }

  @Test func explainsAPolicy() async throws {
    try await withPolicy("hours: [\"18:00-07:00\"]") { path in
      let printed = await consilium("policy", "explain", path)
      #expect(printed.out.contains("WHAT MAY LEAVE THIS SITE"))
      #expect(printed.out.contains("from 18:00 to 07:00 of the next day"))
      #expect(await consilium("policy", "explain").out.contains("at any time"))
    }
  }
}
