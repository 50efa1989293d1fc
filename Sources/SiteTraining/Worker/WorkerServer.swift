import FederatedCore
import Foundation
import ParameterFiles
import Synchronization
import Torch
import WorkerProtocol

/// The worker's end of the link to the main process. Answers one request after another until the main process
/// closes the link.
///
/// Requests are read on a separate thread. The worker therefore notices at once, even during a training step,
/// if the main process closes the link. It then exits, so that no worker outlives the program that started
/// it.
public struct WorkerServer: Sendable {
  private let socket: MessageSocket

  public init(socket: MessageSocket) { self.socket = socket }

  /// Serves requests on standard input. The main process has connected standard input to one end of a socket.
  ///
  /// Native libraries may write to standard output. Their output is sent to standard error instead, and so to
  /// the worker's log.
  public static func runOnStandardInput() -> Never {
    ProcessPrivacy.begin()
    let link = dup(STDIN_FILENO)
    let nothing = open("/dev/null", O_RDONLY)
    dup2(nothing, STDIN_FILENO)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    close(nothing)
    WorkerServer(socket: MessageSocket(descriptor: link)).run()
  }

  /// Serves requests until the main process closes the link, then ends the worker.
  public func run() -> Never {
    let requests = RequestQueue()
    Thread.detachNewThread {
      do {
        while let request = try socket.receive(WorkerMessage<WorkerRequest>.self) { requests.append(request) }
        _exit(0)
      } catch {
        FileHandle.standardError.write(Data("consilium-worker: \(error)\n".utf8))
        _exit(1)
      }
    }
    var engine = Engine()
    while true {
      let request = requests.next()
      let report: (TrainingProgress) -> Void = { progress in
        try? socket.send(WorkerMessage(id: request.id, body: WorkerReply.progress(progress)))
      }
      let exchange: (FrameHeader) throws -> FrameHeader = { frame in
        try socket.send(WorkerMessage(id: request.id, body: WorkerReply.exchange(frame)))
        let answer = requests.next()
        guard answer.id == request.id, case .resume(let resume) = answer.body, let frame = resume.frame else {
          throw ConsiliumError(.unavailable, "the host of the middle of the model did not reply")
        }
        return frame
      }
      let reply: WorkerReply
      do {
        reply = try engine.answer(request.body, report: report, exchange: exchange)
      } catch {
        reply = .failed(WorkerFailure(error))
      }
      do {
        try socket.send(WorkerMessage(id: request.id, body: reply))
      } catch {
        _exit(0)
      }
      engine.workAfterReply()
    }
  }
}

/// The queue of requests that wait for the engine. The reading thread adds them, the working thread takes
/// them.
private final class RequestQueue: Sendable {
  private let waiting = Mutex<[WorkerMessage<WorkerRequest>]>([])
  private let available = DispatchSemaphore(value: 0)

  func append(_ request: WorkerMessage<WorkerRequest>) {
    waiting.withLock { $0.append(request) }
    available.signal()
  }

  func next() -> WorkerMessage<WorkerRequest> {
    available.wait()
    return waiting.withLock { $0.removeFirst() }
  }
}

extension WorkerFailure {
  /// Creates the reply for an error. An error of an unknown kind is reported as a failure of the engine.
  init(_ error: any Error) {
    if let error = error as? ConsiliumError {
      self.init(code: error.code.description, message: error.message)
    } else if let error = error as? TorchError, error.code == .outOfMemory {
      self.init(
        code: ConsiliumError.Code.memory.description,
        message: "there is too little memory for a batch of the study: \(error.firstLine)")
    } else {
      self.init(code: ConsiliumError.Code.engine.description, message: "\(error)")
    }
  }
}
