import FederatedCore
import Foundation
import StudyProtocol
import WorkerProtocol

@testable import SiteTraining

/// The main process's end of the link, for tests that run in a separate process.
struct WorkerClient: Sendable {
  /// An unexpected reply.
  struct Unexpected: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
  }

  let socket: MessageSocket

  /// Serves one end of a socket pair, whose other end `talk` uses; then closes the other end.
  ///
  /// The server must then end the process. The process ends with status 3 if `talk` throws, and with 4 if the
  /// server does not end it.
  static func serve(_ talk: @escaping @Sendable (WorkerClient) throws -> Void) {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    let (near, far) = (MessageSocket(descriptor: ends[0]), MessageSocket(descriptor: ends[1]))
    near.setPatience(.seconds(60))
    Thread.detachNewThread {
      do {
        try talk(WorkerClient(socket: near))
      } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        _exit(3)
      }
      close(near.descriptor)
      sleep(30)
      _exit(4)
    }
    WorkerServer(socket: far).run()
  }

  func check(_ condition: Bool, _ found: String) throws {
    guard condition else { throw Unexpected(found) }
  }

  /// The reply to a request, and the progress reports before it.
  func ask(_ request: WorkerRequest, id: Int = 7) throws -> (reply: WorkerReply, progress: [TrainingProgress])
  {
    try socket.send(WorkerMessage(id: id, body: request))
    var reports: [TrainingProgress] = []
    while let message = try socket.receive(WorkerMessage<WorkerReply>.self) {
      try check(message.id == id, "the answer to request \(message.id)")
      guard case .progress(let report) = message.body else { return (message.body, reports) }
      reports.append(report)
    }
    throw Unexpected("the link is closed")
  }

  func greet() throws {
    let reply = try ask(.hello(Hello(threads: 1, device: "cpu"))).reply
    guard case .hello(let engine) = reply else { throw Unexpected("\(reply)") }
    try check(engine.version == workerProtocolVersion && engine.processID == getpid(), "\(engine)")
    try check(engine.threads == 1 && engine.device == "cpu", "\(engine)")
    try check(engine.engine.hasPrefix("libtorch 2."), "\(engine)")
  }

  func expectFailure(_ request: WorkerRequest, _ code: ConsiliumError.Code, _ words: String) throws {
    let reply = try ask(request).reply
    guard case .failed(let failure) = reply else { throw Unexpected("\(reply)") }
    try check(failure.code == code.description && !failure.message.isEmpty, "\(failure)")
    try check(words.isEmpty || failure.message.contains(words), "\(failure)")
  }

  /// Opens a session on twenty rows of two numbers, the first of which is larger if the class is 1.
  func open(_ site: String, in folder: URL) throws -> SessionDescription {
    var generator = RandomStream(seed: 11)
    var rows = ["a,b,y"]
    for row in 0..<20 {
      rows.append("\(generator.nextUnit() + Double(row % 2)),\(generator.nextUnit()),\(row % 2)")
    }
    try Data(rows.joined(separator: "\n").utf8).write(to: folder.appending(path: "\(site).csv"))
    let definition = SiteDefinition(
      name: SiteID(site),
      table: SiteTable(source: .csv(file: "\(site).csv", columns: nil, delimiter: nil)))
    let request = OpenSession(
      session: site, study: try SmallStudy.table().canonicalJSON(), sites: [try definition.canonicalJSON()],
      dataRoot: folder.path, seed: 5, cacheBytes: 0)
    let reply = try ask(.open(request)).reply
    guard case .opened(let description) = reply else { throw Unexpected("\(reply)") }
    return description
  }

  func evaluate(_ model: URL, _ part: DataPart) throws -> SiteEvaluation {
    let request = EvaluateModel(session: "north", model: model.path, part: part, replicates: 0)
    let reply = try ask(.evaluate(request)).reply
    guard case .evaluated(let evaluation) = reply else { throw Unexpected("\(reply)") }
    return evaluation
  }
}
