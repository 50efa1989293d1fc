import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ParameterFiles

struct AtomicFilePlacesTests {
  @Test func fileThatCannotBeReadIsNotMadeAnew() throws {
    try withTemporaryFolder { folder in
      let salt = folder.appending(path: "salt")
      // A link that leads to itself cannot be read, but it is there.
      symlink(salt.path, salt.path)
      let error = #expect(throws: ConsiliumError.self) {
        try AtomicFile.onceMade(salt, isValid: { _ in true }) { "new" }
      }
      #expect(error?.code == .storage && error?.message.hasPrefix("cannot read '") == true)
      unlink(salt.path)
      #expect(try AtomicFile.contents(of: salt) == nil)
      let new = try AtomicFile.onceMade(salt, isValid: { _ in true }) { "new" }
      #expect(new == "new")
      #expect(try AtomicFile.onceMade(salt, isValid: { _ in true }) { "newer" } == "new")
      #expect(try AtomicFile.onceMade(salt, isValid: { $0.count == 5 }) { "newer" } == "newer")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["salt"])
    }
  }

  @Test func allMakersGetTheSameText() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "salt")
      let texts = try await withThrowingTaskGroup(of: String.self) { group in
        for maker in 0..<32 {
          group.addTask { try AtomicFile.onceMade(file, isValid: { !$0.isEmpty }) { "\(maker)" } }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(texts.count == 1)
      #expect(texts.first == (try String(contentsOf: file, encoding: .utf8)))
    }
  }

  @Test func removesOnlyTemporaryFilesOfOtherProcesses() throws {
    try withTemporaryFolder { folder in
      let own = URL(fileURLWithPath: AtomicFile.temporaryPath(beside: folder.appending(path: "a")))
        .lastPathComponent
      let kept = [own, "b.part", ".lock", ".c.part", "d.4711-3x-1.part"]
      for name in kept + [".a.4711-3x-1.part", ".dat.nosync1F.aBc"] {
        try Data().write(to: folder.appending(path: name))
      }
      AtomicFile.removeLeftovers(in: folder, olderThan: 3600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 7)
      AtomicFile.removeLeftovers(in: folder)
      #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)) == Set(kept))
    }
  }

  @Test func folderIsMadeWithItsParents() throws {
    try withTemporaryFolder { folder in
      let deep = folder.appending(path: "a/b/c")
      try DurableFolder.create(deep, mode: 0o700)
      try DurableFolder.create(deep)
      #expect(try mode(of: deep) == 0o700)
      #expect(try mode(of: folder.appending(path: "a")) == 0o700)
      try Data().write(to: deep.appending(path: "file"))
      for (place, fault) in [("file", "it is a file"), ("file/d", "Not a directory")] {
        let error = #expect(throws: ConsiliumError.self) {
          try DurableFolder.create(deep.appending(path: place))
        }
        #expect(error?.code == .storage && error?.message.hasSuffix(fault) == true)
      }
    }
  }
}
