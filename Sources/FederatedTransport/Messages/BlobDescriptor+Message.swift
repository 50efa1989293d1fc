extension BlobDescriptor {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message's values contradict each other.
  init(_ message: Consilium_V1_Blob) throws {
    try self.init(
      digest: message.digest, size: message.size, chunkSize: message.chunkSize,
      chunkDigests: message.chunkDigests)
  }

  var message: Consilium_V1_Blob {
    .with {
      ($0.digest, $0.size) = (digest, UInt64(size))
      ($0.chunkSize, $0.chunkDigests) = (UInt32(chunkSize), chunkDigests)
    }
  }
}
