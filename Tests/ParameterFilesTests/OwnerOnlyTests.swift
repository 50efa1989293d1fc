import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ParameterFiles

@Suite struct OwnerOnlyTests {
  @Test func createdFoldersAndFilesAreTheOwnersAlone() throws {
    try withTemporaryFolder { folder in
      let inner = folder.appending(path: "a/b/c")
      try OwnerOnly.createFolder(inner)
      for path in ["a", "a/b", "a/b/c"] { #expect(try mode(of: folder.appending(path: path)) == 0o700) }
      let database = inner.appending(path: "d.sqlite")
      try OwnerOnly.createFile(database)
      #expect(try mode(of: database) == 0o600)
      let file = inner.appending(path: "f.json")
      try AtomicFile.write(Data("{}".utf8), to: file)
      #expect(try mode(of: file) == 0o600)
    }
  }

  @Test func existingFoldersAndFilesStayAsTheyAre() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      try Data("x".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
      try OwnerOnly.createFile(file)
      #expect(try mode(of: file) == 0o640)
      #expect(try Data(contentsOf: file) == Data("x".utf8))
      try OwnerOnly.createFolder(folder)
      #expect(throws: ConsiliumError.self) { try OwnerOnly.createFolder(file) }
      #expect(throws: ConsiliumError.self) { try OwnerOnly.createFolder(file.appending(path: "inner")) }
    }
  }

  /// What earlier versions and commands such as `mkdir` create under the usual umask.
  @Test func foldersThatWereOpenAreClosed() throws {
    try withTemporaryFolder { folder in
      let before = umask(0o022)
      defer { umask(before) }
      let (own, elsewhere) = (folder.appending(path: "own"), folder.appending(path: "elsewhere"))
      try FileManager.default.createDirectory(
        at: own.appending(path: "studies/a"), withIntermediateDirectories: true)
      try Data().write(to: elsewhere)
      try Data().write(to: own.appending(path: "studies/a/update.bin"))
      try Data().write(to: own.appending(path: ".hidden"))
      try Data().write(to: own.appending(path: "identity.key"))
      try OwnerOnly.createFile(own.appending(path: "closed"))
      try FileManager.default.createSymbolicLink(
        at: own.appending(path: "link"), withDestinationURL: elsewhere)
      #expect(try mode(of: own) == 0o755)
      let closed = OwnerOnly.closeFolder(own)
      #expect(closed == 5)
      // Nobody may overlook that a key was open, so it stays open and is refused.
      #expect(try openToOthers(in: own).filter { $0 != "link" } == ["identity.key"])
      #expect(try mode(of: own) == 0o700)
      #expect(try mode(of: own.appending(path: "studies/a/update.bin")) == 0o600)
      #expect(try mode(of: elsewhere) == 0o644)
      #expect(
        OwnerOnly.closingNote(closed, in: own)?.hasPrefix("other users of this machine had access to 5 ")
          == true)
      let again = OwnerOnly.closeFolder(own)
      #expect(again == 0 && OwnerOnly.closingNote(again, in: own) == nil)
    }
  }
}
