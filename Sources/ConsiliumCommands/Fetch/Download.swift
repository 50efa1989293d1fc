import FederatedCore
import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Fetches one file over HTTP, goes on where an earlier attempt broke off, and checks its digest.
///
/// What has arrived lies beside the destination with the suffix `.part`; only a file with the right digest takes the
/// destination's name.
struct Download: Sendable {
  enum Outcome: Sendable, Equatable { case fetched, alreadyThere }

  var source: URL
  var destination: URL
  var digest: FileDigest
  /// How often a broken connection is taken up again before giving up.
  var retries = 4
  /// The wait before the first retry; doubles each time.
  var patience = Duration.seconds(1)
  /// How long nothing may arrive.
  var timeout: TimeInterval = 60

  var part: URL { destination.appendingPathExtension("part") }

  /// - Throws: ``ConsiliumError``: `.unavailable` where the server cannot be reached or has no such file, `.storage` where
  ///   the file cannot be written or what came is not what was expected.
  func run(progress: @escaping @Sendable (Transferred) -> Void = { _ in }) async throws -> Outcome {
    if FileManager.default.fileExists(atPath: destination.path) {
      guard try digest.sameKind(of: destination) == digest else {
        throw ConsiliumError(
          .storage,
          "\(destination.path) is there already and is not the published file (expected \(digest)); "
            + "move it away or choose another folder with --to")
      }
      return .alreadyThere
    }
    try makeFolder()
    try await receiveAll(progress)
    try checkAndName()
    return .fetched
  }

  private func makeFolder() throws {
    let folder = destination.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ConsiliumError(
        .storage, "cannot make the folder \(folder.path): \(error.localizedDescription)", cause: error)
    }
  }

  private func receiveAll(_ progress: @escaping @Sendable (Transferred) -> Void) async throws {
    var wait = patience
    for retry in 0...retries {
      do {
        return try await PartReceiver(part: part, progress: progress).receive(from: source, timeout: timeout)
      } catch let error as URLError where error.code == .cancelled {
        throw CancellationError()
      } catch let error as URLError where retry == retries || !error.isWorthARetry {
        throw unreachable(error)
      } catch is URLError {
        try await Task.sleep(for: wait)
        wait *= 2
      }
    }
  }

  private func checkAndName() throws {
    guard try digest.sameKind(of: part) == digest else {
      try? FileManager.default.removeItem(at: part)
      throw ConsiliumError(
        .storage,
        "what \(source.absoluteString) sent is not the published file (expected \(digest)) and was deleted; "
          + "run the command again, or try another server with --from")
    }
    do {
      try FileManager.default.moveItem(at: part, to: destination)
    } catch {
      throw ConsiliumError(
        .storage, "cannot name \(destination.path): \(error.localizedDescription)", cause: error)
    }
  }

  private func unreachable(_ error: URLError) -> ConsiliumError {
    let host = source.host ?? source.absoluteString
    let kept = (try? FileManager.default.attributesOfItem(atPath: part.path)[.size] as? Int) ?? 0
    let next =
      kept > 0
      ? "\(ByteCount(kept)) are kept; run the command again to go on from there"
      : "Check the network, or copy the file to \(destination.path) from a machine that has one"
    return ConsiliumError(
      .unavailable, "no file from \(host): \(error.plainReason). \(next)", cause: error)
  }
}

extension URLError {
  /// True where the fault may pass by itself.
  fileprivate var isWorthARetry: Bool {
    switch code {
    case .unsupportedURL, .badURL, .secureConnectionFailed, .serverCertificateUntrusted,
      .serverCertificateHasBadDate, .serverCertificateHasUnknownRoot, .cannotFindHost,
      .cannotConnectToHost, .notConnectedToInternet:
      false
    default: true
    }
  }

  fileprivate var plainReason: String {
    switch code {
    case .cannotFindHost, .dnsLookupFailed: "its name was not found"
    case .cannotConnectToHost: "it does not answer"
    case .notConnectedToInternet: "this machine has no network"
    case .networkConnectionLost: "the connection broke off"
    case .timedOut: "it took too long to answer"
    case .unsupportedURL, .badURL: "the address is not one of http or https"
    default: localizedDescription
    }
  }
}
