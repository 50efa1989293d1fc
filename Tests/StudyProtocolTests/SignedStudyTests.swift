import FederatedCore
import Testing

@testable import StudyProtocol

/// Studies that were signed with version 0.1 and are read with this version.
struct SignedStudyTests {
  private func text(
    workflow: String = "fedavg", optimizer: String = "sgd", selection: String? = nil
  ) -> String {
    """
    study: {name: heart, task: classification}
    elements:
      - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
      - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
    model: {architecture: linear}
    training: {loss: cross-entropy, optimizer: {name: \(optimizer), learning-rate: 0.1}, batch-size: 4}
    federation: {workflow: \(workflow), rounds: 5}
    evaluation: {metrics: [auc], split: {test: 0.2}\(selection.map { ", select-best-on: \($0)" } ?? "")}
    """
  }

  /// Version 0.1 filled in `validation`, so its digest equals the digest of a study that states `validation`.
  @Test func studyWithoutSelectionKeepsTheDigestOfItsEarlierDefault() throws {
    let earlier = try Study(yaml: text(selection: "validation"))
    #expect(try earlier.canonicalJSON().contains(#""select-best-on":"validation""#))
    let signed = try SignedStudy(text: text(), digest: earlier.digest())
    #expect(signed.study == earlier)
    #expect(signed.faults == nil)
    #expect(try Study(canonicalJSON: earlier.canonicalJSON()).digest() == earlier.digest())
  }

  @Test func studyOfThisVersionHasItsPresentDefault() throws {
    let signed = try SignedStudy(text: text(), digest: Study(yaml: text()).digest())
    #expect(signed.study.evaluation.selectBestOn == .auto)
    #expect(signed.faults == nil)
  }

  /// Version 0.1 accepted SCAFFOLD with Adam.
  @Test func refusedStudyIsReadWithItsErrors() throws {
    let refused = text(workflow: "scaffold", optimizer: "adam")
    var study = try Study(yaml: text(workflow: "scaffold", selection: "validation"))
    study.training.optimizer = try Study(yaml: text(optimizer: "adam")).training.optimizer
    let signed = try SignedStudy(text: refused, digest: study.digest())
    #expect(signed.study == study)
    #expect(signed.faults?.description.contains("derived for plain SGD") == true)
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    // Proposing such a study today is refused.
    #expect(throws: StudyDiagnostics.self) { try Study(yaml: refused) }
  }

  @Test func rejectsStudyOtherThanTheSignedOne() throws {
    let error = try #require(throws: ConsiliumError.self) {
      try SignedStudy(text: text(), digest: String(repeating: "0", count: 64))
    }
    #expect(error.message.contains("the same version of this program"))
    #expect(throws: StudyDiagnostics.self) {
      try SignedStudy(text: text(workflow: "scaffold", optimizer: "adam"), digest: "")
    }
  }
}
