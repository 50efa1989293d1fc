import FederatedCore
import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Downloads a file over HTTP, resumes an interrupted download, and checks the file's digest.
///
/// A partial download is stored next to its destination with the suffix `.part`. Only a file with the right
/// digest gets the destination's name.
struct Download: Sendable {
  enum Outcome: Sendable, Equatable { case fetched, alreadyThere }

  var source: URL
  var destination: URL
  var digest: FileDigest
  /// The number of times that a broken connection is retried.
  var retries = 4
  /// The wait before the first retry; it doubles each time.
  var patience = Duration.seconds(1)
  /// The longest time without data, in seconds.
  var timeout: TimeInterval = 60

  var part: URL { destination.appendingPathExtension("part") }

  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the server cannot be reached or has no such
  ///   file, `.storage` if the file cannot be written or has another digest.
  func run(progress: @escaping @Sendable (Transferred) -> Void = { _ in }) async throws -> Outcome {
    if FileManager.default.fileExists(atPath: destination.path) {
      guard try digest.sameKind(of: destination) == digest else {
        throw ConsiliumError(
          .storage,
          "\(destination.path) already exists and is not the published file (expected \(digest)); "
            + "move it, or choose another folder with --to")
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
        .storage, "cannot create the folder \(folder.path): \(error.localizedDescription)", cause: error)
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
        "the file from \(source.absoluteString) is not the published file (expected \(digest)) and was deleted; "
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
      ? "\(ByteCount(kept)) are kept; run the command again to resume"
      : "Check the network, or copy the file to \(destination.path) from a connected machine"
    return ConsiliumError(
      .unavailable, "no file from \(host): \(error.plainReason). \(next)", cause: error)
  }
}

extension URLError {
  /// Whether the error may be temporary.
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
    case .networkConnectionLost: "the connection broke"
    case .timedOut: "it took too long to answer"
    case .unsupportedURL, .badURL: "the address is not an http or https address"
    default: localizedDescription
    }
  }
}
