import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCProtobuf

/// Sends and receives files, chunk by chunk.
///
/// Its methods are registered by hand, so that ``ChunkSerializer`` and ``UploadPartDeserializer`` can avoid a
/// copy.
struct FileService: RegistrableRPCService {
  private typealias Method = Consilium_V1_Files.Method

  let gate: PeerAuthenticator
  let coordination: any CoordinationHandler
  let administration: any AdministrationHandler
  let traffic: TrafficLedger
  /// How long each chunk of an upload may take.
  let chunkPatience: Duration

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: Method.Download.descriptor,
      deserializer: ProtobufDeserializer<Consilium_V1_DownloadRequest>(),
      serializer: ChunkSerializer()
    ) { request, context in
      try await download(ServerRequest(stream: request).message, context)
    }
    router.registerHandler(
      forMethod: Method.FetchResult.descriptor,
      deserializer: ProtobufDeserializer<Consilium_V1_DownloadRequest>(), serializer: ChunkSerializer()
    ) { request, context in
      try await fetchResult(ServerRequest(stream: request).message, context)
    }
    router.registerHandler(
      forMethod: Method.BeginUpload.descriptor,
      deserializer: ProtobufDeserializer<Consilium_V1_BeginUploadRequest>(),
      serializer: ProtobufSerializer<Consilium_V1_BeginUploadReply>()
    ) { request, context in
      let reply = try await beginUpload(ServerRequest(stream: request).message, context)
      return StreamingServerResponse(single: ServerResponse(message: reply))
    }
    router.registerHandler(
      forMethod: Method.Upload.descriptor, deserializer: UploadPartDeserializer(),
      serializer: ProtobufSerializer<Consilium_V1_UploadReply>()
    ) { request, context in
      let reply = try await upload(request.messages, context)
      return StreamingServerResponse(single: ServerResponse(message: reply))
    }
  }

  // MARK: Downloads

  private func download(_ request: Consilium_V1_DownloadRequest, _ context: ServerContext) async throws
    -> StreamingServerResponse<OutgoingChunk>
  {
    let site = try gate.admitSite(context)
    let store = try await coordination.memberEndpoint(of: request.study, for: site).outgoing
    return try send(request, from: store, to: site)
  }

  private func fetchResult(_ request: Consilium_V1_DownloadRequest, _ context: ServerContext) async throws
    -> StreamingServerResponse<OutgoingChunk>
  {
    let peer = try gate.admit(context, as: AdministrationService.all)
    guard let store = try await administration.results(of: request.study).store else {
      throw RPCError(code: .notFound, message: "study '\(request.study.prefix(80))' has no files yet")
    }
    return try send(request, from: store, to: peer.party.role == .site ? SiteID(peer.party.name) : nil)
  }

  /// Sends the requested chunks of a file, to a site or to a person.
  private func send(_ request: Consilium_V1_DownloadRequest, from store: BlobStore, to site: SiteID?) throws
    -> StreamingServerResponse<OutgoingChunk>
  {
    guard let blob = store.blob(request.digest) else {
      throw RPCError(
        code: .notFound, message: "file \(request.digest.hexadecimal.prefix(12)) is no longer offered")
    }
    let file = try store.open(blob)
    let (first, asked) = (Int(request.firstChunk), Int(request.chunkCount))
    return StreamingServerResponse { writer in
      for index in first..<max(first, asked == 0 ? blob.chunkCount : min(first + asked, blob.chunkCount)) {
        let chunk = OutgoingChunk(file: file, index: index)
        try await writer.write(chunk)
        if let site { traffic.sent(chunk.byteCount, to: site) }
      }
      return [:]
    }
  }

  // MARK: Uploads

  private func beginUpload(_ request: Consilium_V1_BeginUploadRequest, _ context: ServerContext) async throws
    -> Consilium_V1_BeginUploadReply
  {
    let peer = try gate.admit(context, as: Self.senders)
    let blob = try BlobDescriptor(request.blob)
    guard peer.party.role == .site else { return try await beginUpload(blob, of: request.study, peer.party) }
    let site = SiteID(peer.party.name)
    let endpoint = try await coordination.memberEndpoint(of: request.study, for: site)
    let store = try await endpoint.store(for: site, announcing: blob)
    let isHere = request.isInitial ? try await endpoint.hasInitial(blob) : false
    let missing = isHere ? blob.chunkCount : try store.firstMissing(of: blob)
    store.announce(blob)
    return .with {
      $0.firstMissing = UInt32(missing)
      $0.callBytes = UInt32(endpoint.callBytes)
    }
  }

  /// Begins or resumes the upload of a study's weights by its study lead.
  private func beginUpload(_ blob: BlobDescriptor, of study: String, _ lead: Party) async throws
    -> Consilium_V1_BeginUploadReply
  {
    let store = try await administration.weightsStore(of: study, digest: blob.name, from: lead)
    guard blob.size <= StudyEndpoint.largestInitialModel else {
      throw ConsiliumError(
        .invalidInput,
        "the file of weights has \(blob.size) bytes; at most \(StudyEndpoint.largestInitialModel) can be sent"
      )
    }
    let missing = try store.firstMissing(of: blob)
    store.announce(blob)
    return .with {
      $0.firstMissing = UInt32(missing)
      $0.callBytes = UInt32(NetworkTuning.callBytes(sites: 1))
    }
  }

  private static let senders: Set<Role> = [.site, .lead]

  private typealias Parts = RPCAsyncSequence<IncomingUploadPart, any Error>

  private func upload(_ parts: Parts, _ context: ServerContext) async throws -> Consilium_V1_UploadReply {
    let sender = try gate.admit(context, as: Self.senders).party
    let count = try await Watchdog.run(
      patience: chunkPatience,
      orThrow: RPCError(
        code: .deadlineExceeded,
        message: "a chunk of an upload took longer than \(chunkPatience); what came before it is kept")
    ) { watchdog in try await receive(parts, from: sender, watchdog) }
    return .with { $0.firstMissing = UInt32(count) }
  }

  /// - Returns: the first chunk that is still missing; the number of chunks if the file is complete.
  private func receive(_ parts: Parts, from sender: Party, _ watchdog: Watchdog) async throws -> Int {
    var parts = parts.makeAsyncIterator()
    guard case .start(let start)? = try await parts.next() else {
      throw messageFault("an upload that does not begin with its file's name")
    }
    let site = sender.role == .site ? SiteID(sender.name) : nil
    let store = try await store(for: start, from: sender, site)
    guard let blob = store.announced(start.digest) else {
      // The study may have been resumed since the announcement, for example because another site
      // withdrew. The site then announces the file again.
      throw RPCError(code: .unavailable, message: "an upload of a file that was not announced")
    }
    do {
      return try await receive(blob, from: &parts, into: store) { bytes in
        watchdog.feed()
        if let site { traffic.received(bytes, from: site) }
      }
    } catch let error as ConsiliumError where error.code == .storage {
      await coordination.failedToStore(error, study: start.study)
      // Do not reveal the local path to the sender.
      throw ConsiliumError(
        .storage, "the coordinator could not write a file: its disk is full or cannot be used")
    }
  }

  private func store(for start: Consilium_V1_UploadStart, from sender: Party, _ site: SiteID?) async throws
    -> BlobStore
  {
    guard let site else {
      return try await administration.weightsStore(
        of: start.study, digest: start.digest.hexadecimal, from: sender)
    }
    return try await coordination.memberEndpoint(of: start.study, for: site).store(for: site, announcing: nil)
  }

  /// - Parameter kept: called with the number of bytes of each chunk that was kept.
  private func receive(
    _ blob: BlobDescriptor, from parts: inout Parts.AsyncIterator, into store: BlobStore, kept: (Int) -> Void
  ) async throws -> Int {
    guard let part = try store.receive(blob) else { return blob.chunkCount }
    // The first chunk may already be here: another transfer may have received it since the server named it to
    // the sender.
    var next: Int?
    while !part.isWhole, let message = try await parts.next() {
      guard case .chunk(let chunk) = message,
        next.map({ $0 == chunk.index }) ?? (chunk.index <= part.firstMissing)
      else { throw messageFault("chunk \(next ?? part.firstMissing) of an upload is missing") }
      try part.write(chunk)
      next = chunk.index + 1
      kept(chunk.byteCount)
    }
    if part.isWhole { try store.finish(part) }
    return part.firstMissing
  }
}

extension BlobPart {
  /// Writes a chunk; see ``write(_:chunk:)``.
  func write(_ chunk: IncomingChunk) throws {
    try chunk.withUnsafeBytes { try write($0, chunk: chunk.index) }
  }
}
