import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

struct IdentityKeeperTests {
  /// The error that `keeper` reports at its next look at the folder.
  private func fault(_ keeper: IdentityKeeper) async -> String? {
    let (faults, continuation) = AsyncStream<String>.makeStream()
    let watch = Task {
      try await keeper.watch(every: .milliseconds(10), fault: { continuation.yield($0.message) }) { _ in }
    }
    defer { watch.cancel() }
    return await faults.first { _ in true }
  }

  @Test(.timeLimit(.minutes(10))) func olderRevocationListIsIgnored() async throws {
    try await withTemporaryFolder { folder in
      let authority = try TestAuthority()
      let gone = try authority.identity(.site, "b")
      let files = IdentityFolder(folder.appending(path: "identity"))
      try authority.identity(.site, "a").write(to: files.url)
      try authority.revoking([gone], version: 2).encoded().write(to: files.revocations)
      let memory = folder.appending(path: "revoked.json")
      let keeper = try IdentityKeeper(folder: files.url, memory: memory)
      #expect(keeper.identity.authority.isRevoked(gone.certificate))

      try authority.revoking([], version: 1).encoded().write(to: files.revocations)
      let older = try #require(await fault(keeper))
      #expect(
        older.hasPrefix("'\(files.revocations.path)' holds revocation list version 1, but version 2"))
      #expect(keeper.identity.authority.isRevoked(gone.certificate))

      try FileManager.default.removeItem(at: files.revocations)
      #expect(await fault(keeper)?.contains("revoked.json' is missing, but version 2") == true)
      #expect(keeper.identity.authority.isRevoked(gone.certificate))

      // The same holds after a restart.
      let restarted = try IdentityKeeper(folder: files.url, memory: memory)
      #expect(restarted.identity.authority.isRevoked(gone.certificate))
      #expect(await fault(restarted)?.contains("is missing") == true)
      #expect(try !IdentityKeeper(folder: files.url).identity.authority.isRevoked(gone.certificate))
    }
  }

  @Test func revocationsOfAFormerAuthorityAreDropped() async throws {
    try await withTemporaryFolder { folder in
      let authority = try TestAuthority()
      let memory = folder.appending(path: "revoked.json")
      try authority.impostor().revoking([], version: 7).encoded().write(to: memory)
      try authority.identity(.site, "a").write(to: folder.appending(path: "identity"))
      let keeper = try IdentityKeeper(folder: folder.appending(path: "identity"), memory: memory)
      #expect(keeper.identity.authority.revocations == nil)
    }
  }

  @Test func identityChangeDescribesItself() throws {
    let authority = try TestAuthority()
    let (site, renewed) = (try authority.identity(.site, "a"), try authority.identity(.site, "a"))
    let list = try authority.revoking([try authority.identity(.site, "b")], reason: .left)
    let informed = try authority.authority.updated(with: list)
    #expect(IdentityChange(from: site, to: site) == nil)
    #expect(
      IdentityChange(from: site, to: renewed)?.description == "the certificate of site/a was renewed")
    let revocation = try #require(IdentityChange(from: site, to: site.trusting(informed)))
    #expect(!revocation.isRenewed)
    #expect(revocation.revoked == list.entries)
    #expect(
      revocation.description
        == "the certificate \(list.entries[0].serial) of site/b was revoked (left)")
    // A renewal does not report a revocation a second time.
    let renewal = try #require(
      IdentityChange(from: site.trusting(informed), to: renewed.trusting(informed)))
    #expect(renewal.isRenewed && renewal.revoked.isEmpty)
  }
}
