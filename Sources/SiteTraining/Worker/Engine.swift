import FederatedCore
import Foundation
import MedicalImaging
import ParameterFiles
import StudyProtocol
import Torch
import WorkerProtocol

/// The state of a worker process: its device and the open sessions. Answers one request at a time.
struct Engine {
  private var device = Device.cpu
  private var sessions: [String: EngineSession] = [:]
  private var middles: [String: HostedMiddle] = [:]
  /// The turn whose reply was sent last, with work that the reply did not need; `nil` if there is none.
  private var unfinished: HostedMiddle?
  private let cache = RecordCache(bound: 0)

  /// - Throws: ``ConsiliumError``, or an error of the imaging or tensor layer. The text of the error becomes
  ///   the reply.
  /// - Parameter exchange: Sends a frame of a divided model to its host, and returns the host's reply.
  mutating func answer(
    _ request: WorkerRequest, report: (TrainingProgress) -> Void,
    exchange: @escaping (FrameHeader) throws -> FrameHeader
  ) throws -> WorkerReply {
    switch request {
    case .hello(let hello): return .hello(try greet(hello))
    case .open(let request):
      return .opened(try open(request))
    case .initialise(let request): return .initialised(try session(request.session).initialise(request))
    case .tryOut(let request): return .triedOut(try session(request.session).tryOut(request))
    case .train(let request):
      return .trained(
        try session(request.session).train(request, report: report, exchange: exchange))
    case .resume: throw ConsiliumError(.unavailable, "no training waits for a reply of a host")
    case .openMiddle(let request):
      middles[request.session] = try HostedMiddle(request, device: device)
      return .middleOpened
    case .stepMiddle(let request):
      guard let middle = middles[request.session] else { throw Self.notOpen(request.session) }
      let reply = try middle.reply(to: request.frame)
      unfinished = middle
      return .middleStepped(reply)
    case .evaluate(let request): return .evaluated(try session(request.session).evaluate(request))
    case .drawPanels(let request): return .panelsDrawn(try session(request.session).drawPanels(request))
    case .summarise(let request):
      return .summarised(try session(request.session).summarise(request))
    case .measure(let request): return .measured(try session(request.session).sizes())
    case .inspect(let request): return .inspected(try inspect(request.path))
    case .close(let request):
      sessions[request.session] = nil
      middles[request.session] = nil
      return .closed
    }
  }

  /// Does the work that the last reply did not need. Called after the reply was sent.
  mutating func workAfterReply() {
    unfinished?.workAfterReply()
    unfinished = nil
  }

  private mutating func greet(_ hello: Hello) throws -> EngineDescription {
    guard hello.version == workerProtocolVersion else {
      throw ConsiliumError(
        .unavailable,
        "this engine speaks version \(workerProtocolVersion) of the worker protocol, not \(hello.version)")
    }
    device = try Device(named: hello.device)
    try TorchRuntime.setThreadCount(hello.threads)
    TorchRuntime.setDeterministic(true)
    TorchRuntime.keepFreedMemory()
    return EngineDescription(
      engine: "libtorch \(TorchRuntime.version)", processID: ProcessInfo.processInfo.processIdentifier,
      threads: hello.threads, device: "\(device)", cpuFeatures: CPUFeatures.numerical())
  }

  /// Opens a session if its data can be used. The description lists the findings in either case.
  private mutating func open(_ request: OpenSession) throws -> SessionDescription {
    let study = try Study(canonicalJSON: request.study)
    cache.raiseBound(to: request.cacheBytes)
    let loaded = try SessionLoader(request, study: study, cache: cache)
    guard let data = loaded.data else {
      var description = SessionDescription(
        parts: [], findings: loaded.findings, precision: "", memoryFormat: "")
      description.facts = loaded.facts
      return description
    }
    let session = try EngineSession(
      request, study: study, data: data, findings: loaded.findings, device: device)
    sessions[request.session] = session
    var description = session.description
    description.facts = loaded.facts
    return description
  }

  private func session(_ name: String) throws -> EngineSession {
    guard let session = sessions[name] else { throw Self.notOpen(name) }
    return session
  }

  private static func notOpen(_ name: String) -> ConsiliumError {
    ConsiliumError(.unavailable, "the session '\(name)' is not open in this engine")
  }

  private func inspect(_ path: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let isListed = FolderInspection.isFolder(path) && !FolderInspection.isOneSeries(path)
      let found: any Encodable =
        isListed ? try FolderInspection(folder: path) : try ImageInspection(path: path)
      return String(decoding: try encoder.encode(found), as: UTF8.self)
    } catch let error as ImageError {
      throw ConsiliumError(.invalidInput, error.message, cause: error)
    }
  }
}

extension Device {
  /// Creates the device with a name: `cpu`, `cuda` (the first GPU) or `cuda:N`.
  init(named name: String) throws {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("cpu", 1): self = .cpu
    case ("cuda", 1): self = .cuda(0)
    case ("cuda", 2): self = .cuda(Int(parts[1]) ?? -1)
    default: throw ConsiliumError(.invalidInput, "there is no device '\(name)'; choose cpu, cuda or cuda:N")
    }
    guard case .cuda(let index) = self else { return }
    guard (0..<TorchRuntime.cudaDeviceCount).contains(index) else {
      throw ConsiliumError(
        .invalidInput,
        "the device '\(name)' is not available: this machine and build have \(TorchRuntime.cudaDeviceCount) usable GPUs"
      )
    }
  }
}

/// The instruction sets that change the results of kernels.
enum CPUFeatures {
  private static let relevant = [
    "avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "neon", "sve",
  ]

  static func numerical() -> [String] {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: {
        $0.hasPrefix("flags") || $0.hasPrefix("Features")
      })
    else { return [] }
    let flags = Set(line.split(separator: " ").map(String.init))
    return relevant.filter(flags.contains)
  }
}
