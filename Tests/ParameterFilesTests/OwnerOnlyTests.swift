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
}
