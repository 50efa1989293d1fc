import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf

/// The client's calls that carry files. Written by hand so that ``ChunkDeserializer`` and
/// ``UploadPartSerializer`` can avoid a copy.
struct FileCalls: Sendable {
  /// The kind of file whose chunks a call asks for.
  enum Source: Sendable {
    /// A file of an assignment, such as the model to start from.
    case assignment
    /// A result of the study.
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

  /// Requests chunks, and passes each to `receive` when it arrives.
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

  /// - Returns: the first chunk that the coordinator is missing, and how many bytes one call may carry.
  func beginUpload(_ announcement: Consilium_V1_BeginUploadRequest) async throws
    -> Consilium_V1_BeginUploadReply
  {
    try await Consilium_V1_Files.Client(wrapping: client)
      .beginUpload(announcement, options: .timeout(.seconds(120)))
  }

  /// Sends the parts that `send` writes.
  ///
  /// - Returns: the first chunk that the coordinator is missing after the upload.
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
