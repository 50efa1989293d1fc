import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf

/// A party's calls that carry files; made by hand, for the sake of ``ChunkDeserializer`` and its like.
struct FileCalls: Sendable {
  /// A call that asks for chunks.
  enum Source: Sendable {
    /// Of the model to work with.
    case assignment
    /// Of a result of the study.
    case results

    fileprivate var method: MethodDescriptor {
      switch self {
      case .assignment: Consilium_V1_Files.Method.Download.descriptor
      case .results: Consilium_V1_Files.Method.FetchResult.descriptor
      }
    }
  }

  typealias Receive = @Sendable (IncomingChunk) async throws -> Void

  let client: GRPCClient<HTTP2ClientTransport.Posix>

  /// Asks for chunks, and hands each to `receive` as it comes.
  func download(
    _ request: Consilium_V1_DownloadRequest, from source: Source, _ receive: @escaping Receive
  ) async throws {
    try await client.serverStreaming(
      request: ClientRequest(message: request), descriptor: source.method,
      serializer: ProtobufSerializer<Consilium_V1_DownloadRequest>(), deserializer: ChunkDeserializer(),
      options: .defaults
    ) { response in
      for try await chunk in response.messages { try await receive(chunk) }
    }
  }

  /// - Returns: from which chunk on the coordinator misses the file.
  func beginUpload(_ announcement: Consilium_V1_BeginUploadRequest) async throws
    -> Consilium_V1_BeginUploadReply
  {
    try await Consilium_V1_Files.Client(wrapping: client)
      .beginUpload(announcement, options: .timeout(.seconds(120)))
  }

  /// Sends what `send` writes.
  ///
  /// - Returns: how many chunks are there then.
  func upload(_ send: @escaping @Sendable (RPCWriter<OutgoingUploadPart>) async throws -> Void) async throws
    -> Int
  {
    try await client.clientStreaming(
      request: StreamingClientRequest(producer: send),
      descriptor: Consilium_V1_Files.Method.Upload.descriptor,
      serializer: UploadPartSerializer(), deserializer: ProtobufDeserializer<Consilium_V1_UploadReply>(),
      options: .defaults
    ) { response in
      Int(try response.message.firstMissing)
    }
  }
}
