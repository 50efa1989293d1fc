import Foundation
import StudyProtocol
import Testing

@Suite struct ChoicesPageTests {
  /// Whether to rewrite the page; `make pages` sets this.
  private static let updates = ProcessInfo.processInfo.environment["CONSILIUM_UPDATE_PAGES"] != nil

  @Test func choicesPageMatchesTheCode() throws {
    let file = Examples.root.appending(path: "Documentation/Choices.md")
    if Self.updates { try ChoicesPage.text.write(to: file, atomically: true, encoding: .utf8) }
    let written = try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    let expected = ChoicesPage.text.split(separator: "\n", omittingEmptySubsequences: false)
    for (written, expected) in zip(written, expected) {
      #expect(written == expected, "run `make pages` and look at what changed")
    }
    #expect(written.count == expected.count)
  }

  @Test func referenceListsEveryChoice() throws {
    let file = Examples.folder.appending(path: "README.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let names =
      WorkflowDescriptor.table.map(\.name) + Study.Model.Architecture.allCases.map(\.rawValue)
      + Study.Training.Loss.allCases.map(\.rawValue)
    for name in names { #expect(text.contains(name), "\(name) is missing in \(file.lastPathComponent)") }
    for step in PreprocessingStep.descriptors + AugmentationStep.descriptors {
      #expect(text.contains("`\(step.name)`"), "\(step.name) is missing in \(file.lastPathComponent)")
    }
  }
}
