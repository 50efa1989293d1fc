import FederatedCore
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The received part of a file.
struct Transferred: Sendable, Equatable {
  var bytes: Int
  /// The size of the whole file, if the server states it.
  var total: Int?
}

/// Requests the missing rest of a file once, and writes it to the partial file as it arrives.
final class PartReceiver: NSObject, URLSessionDataDelegate {
  private struct State {
    var handle: FileHandle?
    var transferred: Transferred
    /// The reason why this program aborted the request.
    var fault: (any Error)?
    var continuation: CheckedContinuation<Void, any Error>?
  }

  private let part: URL
  private let progress: @Sendable (Transferred) -> Void
  private let state: Mutex<State>

  init(part: URL, progress: @escaping @Sendable (Transferred) -> Void) {
    let size = (try? FileManager.default.attributesOfItem(atPath: part.path)[.size] as? Int) ?? 0
    self.part = part
    self.progress = progress
    state = Mutex(State(transferred: Transferred(bytes: size)))
  }

  /// - Throws: `URLError` if the connection fails, ``ConsiliumError`` if the server refuses or the disk
  ///   fails.
  func receive(from source: URL, timeout: TimeInterval) async throws {
    var request = URLRequest(
      url: source, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: timeout)
    let start = state.withLock { $0.transferred.bytes }
    if start > 0 { request.setValue("bytes=\(start)-", forHTTPHeaderField: "Range") }
    let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    let task = session.dataTask(with: request)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        state.withLock { $0.continuation = continuation }
        task.resume()
      }
    } onCancel: {
      task.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let accepted = state.withLock { state in
      do {
        try open(for: response, &state)
        return true
      } catch {
        state.fault = error
        return false
      }
    }
    completionHandler(accepted ? .allow : .cancel)
  }

  /// Opens the partial file at the position where the server's answer begins.
  private func open(for response: URLResponse, _ state: inout State) throws {
    guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
    let coming = response.expectedContentLength
    switch response.statusCode {
    case 200: state.transferred.bytes = 0
    case 206: break
    case 416:
      // The local file is complete or too long; its digest will show which.
      throw AllHere()
    case 404:
      throw ConsiliumError(.unavailable, "\(response.url?.absoluteString ?? "the server") does not exist")
    case 500...: throw URLError(.badServerResponse)
    default:
      throw ConsiliumError(
        .unavailable,
        "\(response.url?.host ?? "the server") refused the file with HTTP status \(response.statusCode)")
    }
    state.transferred.total = coming >= 0 ? state.transferred.bytes + Int(coming) : nil
    state.handle = try openPart(at: state.transferred.bytes)
  }

  private func openPart(at offset: Int) throws -> FileHandle {
    do {
      if !FileManager.default.fileExists(atPath: part.path) { try Data().write(to: part) }
      let handle = try FileHandle(forWritingTo: part)
      try handle.truncate(atOffset: UInt64(offset))
      return handle
    } catch {
      throw ConsiliumError(.storage, "cannot write \(part.path): \(error.localizedDescription)", cause: error)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let transferred = state.withLock { state -> Transferred? in
      do {
        try state.handle?.write(contentsOf: data)
        state.transferred.bytes += data.count
        return state.transferred
      } catch {
        state.fault = ConsiliumError(
          .storage, "cannot write \(part.path): \(error.localizedDescription)", cause: error)
        return nil
      }
    }
    if let transferred { progress(transferred) } else { dataTask.cancel() }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let (continuation, fault) = state.withLock { state in
      try? state.handle?.close()
      defer { state.continuation = nil }
      return (state.continuation, state.fault ?? error)
    }
    switch fault {
    case nil, is AllHere: continuation?.resume()
    case let fault?: continuation?.resume(throwing: fault)
    }
  }
}

/// Thrown if the server has no more data than the local file.
private struct AllHere: Error {}
