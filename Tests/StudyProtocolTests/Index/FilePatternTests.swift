import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct FilePatternTests {
  private func pattern(_ pattern: String, _ files: [String]) throws -> (FilePattern, TestFolder) {
    let folder = try TestFolder(Dictionary(uniqueKeysWithValues: files.map { ($0, "x") }))
    return (try FilePattern(pattern, in: DataFolder(".", dataRoot: folder.url)), folder)
  }

  @Test func endingsInAnotherCaseMatchWithANote() throws {
    let files = [
      "a/1.png", "a/2.PNG", "a/3.Png", "a/Thumbs.db", "a/._1.png", "a/desktop.ini", "a/4.txt",
      "~$a/1.png",
    ]
    let (found, folder) = try pattern("*/*.png", files)
    #expect(found.files == ["a/1.png", "a/2.PNG", "a/3.Png"])
    #expect(
      found.notes == [
        .init(
          message:
            "files whose ending differs from the pattern's '.png' only in case were also read",
          rows: 2)
      ])
    withExtendedLifetime(folder) {}
  }

  @Test func filesWithARelatedEndingAreCountedButNotMatched() throws {
    let (found, folder) = try pattern("*.jpg", ["1.jpg", "2.jpeg", "3.JPEG", "4.JPG", "5.png"])
    #expect(found.files == ["1.jpg", "4.JPG"])
    #expect(found.beside == [".jpeg": 1, ".JPEG": 1])
    #expect(found.notes.count == 3)
    withExtendedLifetime(folder) {}
  }

  @Test func starMatchesEverythingButClutter() throws {
    let (found, folder) = try pattern(
      "s/*", ["s/1.2.840/x.dcm", "s/.DS_Store", "s/Thumbs.db", "s/1.2.841/x.dcm"])
    #expect(found.files == ["s/1.2.840", "s/1.2.841"])
    #expect(found.files.map { found.columns(of: $0)[1] } == ["1.2.840", "1.2.841"])
    withExtendedLifetime(folder) {}
  }

  @Test(arguments: [
    ("i/*.nii.gz", "i/P01.nii.gz", "P01"), ("i/*.png", "i/a.b.png", "a.b"),
    ("i/*.png", "i/a.b.PNG", "a.b"),
    ("i/*_flair.nii", "i/P1_flair.nii", "P1_flair"), ("i/*", "i/P.Smith", "P.Smith"),
    ("i/*", "i/1.2.840.3", "1.2.840.3"),
    ("i/*.foo", "i/a.b.foo", "a.b"), ("i/*", "i/x.v2.nii", "x.v2"), ("i/*.nii*", "i/x.nii.gz", "x"),
  ])
  func namesAreWithoutTheirEnding(pattern text: String, file: String, name: String) throws {
    let (found, folder) = try pattern(text, [file])
    #expect(found.files == [file])
    #expect(found.columns(of: file) == [file, name, "i"])
    withExtendedLifetime(folder) {}
  }

  @Test func notesNamesInAnotherCaseAndDeeperFiles() throws {
    let (found, folder) = try pattern(
      "c_*/s*.png", ["c_1/s1.png", "c_1/S2.png", "C_2/s3.png", "c_1/deep/s4.png", "c_1/deep/s5.png"])
    #expect(found.files == ["c_1/s1.png"])
    #expect((found.otherNames, found.deeper) == (2, 2))
    #expect(found.notes.count == 2)
    withExtendedLifetime(folder) {}
  }

  @Test func rejectsDoubleStar() throws {
    #expect(throws: ConsiliumError.self) { try pattern("**/*.png", ["a/b/1.png"]) }
  }

  @Test func rejectsPatternThatLeavesItsFolder() throws {
    #expect(throws: ConsiliumError.self) { try pattern("../*.png", ["a.png"]) }
  }
}
