import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

struct ServerGuardTests {
  @Test(.timeLimit(.minutes(10))) func clientDisconnectsFromARevokedCoordinator() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let files = IdentityFolder(folder.appending(path: "identity"))
      try consortium.authority.identity(.site, "a").write(to: files.url)
      let keeper = try IdentityKeeper(folder: files.url)
      let list = try consortium.authority.revoking([consortium.coordinator])
      try await consortium.withServer { _, port in
        var configuration = ClientConfiguration(host: "127.0.0.1", port: port, patience: .zero)
        configuration.certificateCheck = .milliseconds(20)
        configuration.longestBackoff = .milliseconds(200)
        try await NetworkLink.with(configuration, keeper: keeper) { link in
          let client = CoordinatorClient(link, process: "p")
          try await client.join()
          try list.encoded().write(to: files.revocations)
          let watch = Task { try await keeper.watch(every: .milliseconds(10)) { _ in } }
          defer { watch.cancel() }
          // The coordinator answers until the revocation is noticed and the open connection is closed.
          while await refusal({ _ = try await client.join() })?.message.contains("was revoked") != true {
            try await Task.sleep(for: .milliseconds(10))
          }
        }
      }
    }
  }
}
