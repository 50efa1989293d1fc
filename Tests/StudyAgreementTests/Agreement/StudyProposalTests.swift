import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import StudyProtocol
import Testing

@Suite struct StudyProposalTests {
  private let consortium: Consortium

  init() throws { consortium = try Consortium() }

  @Test func aProposalNamesTheStudyAndItsSites() throws {
    let proposal = try consortium.proposal(invited: ["C", "A", "B"])
    #expect(try proposal.digest == Study(yaml: studyText).digest())
    #expect(proposal.statement.invited.map(\.rawValue) == ["A", "B", "C"])
    #expect(proposal.statement.required.map(\.rawValue) == ["A", "B"])
    #expect(proposal.statement.minimum == 2)
    #expect(proposal.lead == consortium.lead.party)
    let json = try JSONEncoder().encode(proposal)
    let back = try JSONDecoder().decode(StudyProposal.self, from: json)
    #expect(try back.verify(by: consortium.authority, at: now).header.name == "heart")
  }

  @Test func allInvitedSitesAreRequiredByDefault() throws {
    let open = studyText.replacing(", sites: {required: [A, B], minimum: 2}", with: "")
    let proposal = try consortium.proposal(open)
    #expect(proposal.statement.required == proposal.statement.invited)
    #expect(proposal.statement.minimum == 3)
  }

  /// Names of sites become names of arms and folders.
  @Test(arguments: ["../..", "", ".", "a/b", "C\u{1b}[2J"]) func rejectsSiteNamesThatNoCertificateMayHave(
    name: String
  ) {
    let error = #expect(throws: ConsiliumError.self) {
      try consortium.proposal(invited: ["A", "B", name])
    }
    #expect(error?.message.contains("cannot be a party's name") == true)
  }

  @Test func signatureCoversTheInitialWeights() throws {
    let text = studyText.replacing(
      "architecture: ", with: "initial-weights: start.safetensors, architecture: ")
    #expect(text != studyText)
    let proposal = try consortium.proposal(text, initialModel: digest("weights"))
    let study = try proposal.verify(by: consortium.authority, at: now)
    try proposal.demandInitialModel(for: study)
    for (text, model) in [(text, nil), (text, "start.safetensors"), (studyText, digest("weights"))] {
      let error = #expect(throws: ConsiliumError.self) {
        try consortium.proposal(text, initialModel: model)
      }
      #expect(error?.code == .invalidInput)
    }
  }

  @Test func proposalIsTheSameAtAnotherTime() throws {
    let proposal = try consortium.proposal()
    var later = proposal
    later.signed.statement.time += 60
    later.signed = try consortium.signed(later.signed.statement, by: consortium.lead)
    #expect(later != proposal)
    #expect(later.asksTheSame(as: proposal))
    later.signed.statement.minimum += 1
    #expect(!later.asksTheSame(as: proposal))
  }

  @Test func detectsAnyChangeOfTheText() throws {
    let proposal = try consortium.proposal()
    for (old, new) in [
      ("rounds: 5", "rounds: 6"), ("three hospitals", "four hospitals"), ("  - {", "  -  {"),
    ] {
      var forged = proposal
      forged.text = forged.text.replacing(old, with: new)
      #expect(forged.text != proposal.text)
      let error = #expect(throws: ConsiliumError.self) {
        try forged.verify(by: consortium.authority, at: now)
      }
      #expect(error?.message.contains("the study's text is not the one that lead/lab signed") == true)
    }
  }

  @Test func detectsAnyChangeOfTheSignedStatement() throws {
    let proposal = try consortium.proposal()
    let changes: [(inout ProposalStatement) -> Void] = [
      { $0.study = digest("other") }, { $0.text = digest("other") }, { $0.initialModel = digest("weights") },
      { $0.time += 1 }, { $0.invited.removeLast() }, { $0.required.removeLast() }, { $0.minimum = 1 },
    ]
    for change in changes {
      var forged = proposal
      change(&forged.signed.statement)
      #expect(throws: ConsiliumError.self) { try forged.verify(by: consortium.authority, at: now) }
    }
  }

  @Test func onlyALeadProposes() throws {
    let proposal = try consortium.proposal(by: consortium.coordinator)
    let error = #expect(throws: ConsiliumError.self) {
      try proposal.verify(by: consortium.authority, at: now)
    }
    #expect(error?.message == "it was signed by coordinator/hub; expected a lead")
  }

  @Test func rejectsSitesThatDoNotMatchTheStudy() throws {
    for invited in [["A", "C"], [], ["A", "A", "B"]] {
      let error = #expect(throws: ConsiliumError.self) { try consortium.proposal(invited: invited) }
      #expect(error?.code == .invalidInput)
    }
    // Verification detects a study lead that signs for fewer sites than the study asks for.
    var proposal = try consortium.proposal()
    proposal.signed.statement.required.removeLast()
    proposal.signed = try consortium.signed(proposal.signed.statement, by: consortium.lead)
    let error = #expect(throws: ConsiliumError.self) {
      try proposal.verify(by: consortium.authority, at: now)
    }
    #expect(error?.message.contains("requires the site 'B'") == true)
  }

  @Test func aFaultyStudyIsNotProposed() {
    #expect(throws: StudyDiagnostics.self) {
      try consortium.proposal(studyText.replacing("rounds: 5", with: "rounds: 0"))
    }
  }
}
