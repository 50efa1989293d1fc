import FederatedCore
import Foundation

/// Stores each large vector of a message as a safetensors file with one tensor of one dimension.
///
/// Parameters are in separate files, which are mapped; see ``ParameterFile``.
public enum VectorFile {
  private static let tensorName = "values"

  /// Writes a vector. Nothing is synchronised to disk: readers check the file by its digest.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public static func write(_ tensor: StageTensor, to url: URL) throws(ConsiliumError) {
    let size = tensor.count * tensor.elementType.size
    var header =
      #"{"\#(tensorName)":{"dtype":"\#(tensor.elementType.rawValue)","shape":[\#(tensor.count)],"#
      + #""data_offsets":[0,\#(size)]}}"#
    header += String(repeating: " ", count: (64 - (8 + header.utf8.count) % 64) % 64)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    try OwnerOnly.createFile(url)
    do {
      try (length + Data(header.utf8)).write(to: url)
      let file = try FileHandle(forWritingTo: url)
      try file.seekToEnd()
      try tensor.withLittleEndianBytes { bytes in
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        let data = Data(
          bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count, deallocator: .none)
        try file.write(contentsOf: data)
      }
      try file.close()
    } catch {
      throw ConsiliumError(.storage, "cannot write '\(url.path)': \(error)", cause: error)
    }
  }

  /// Reads a vector.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file is damaged, or does not hold exactly
  ///   `count` elements of this type.
  public static func read(_ type: StageTensor.ElementType, count: Int, from url: URL) throws(ConsiliumError)
    -> StageTensor
  {
    let file = try SharedFile(url, isTemporary: false)
    let mapping = try file.map()
    do throws(HeaderFault) {
      let header = try SafetensorsHeader(file: UnsafeRawBufferPointer(mapping))
      guard header.tensors.count == 1, let tensor = header.tensors.first, tensor.type == type.rawValue,
        tensor.shape == [count], tensor.bytes.count == type.size * tensor.shape[0]
      else { throw HeaderFault("expected one tensor of \(count) elements of the type \(type.rawValue)") }
      let offset = header.dataStart + tensor.bytes.lowerBound
      guard offset.isMultiple(of: type.size) else { throw HeaderFault("its tensor is not aligned") }
      return StageTensor(type, adoptingMapping: mapping, offset: offset, count: count, source: file)
    } catch {
      munmap(mapping.baseAddress, mapping.count)
      throw SharedFile.error(url, error.message)
    }
  }
}
