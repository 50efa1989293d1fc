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
    let bytes = tensor.littleEndianBytes
    var header =
      #"{"\#(tensorName)":{"dtype":"\#(tensor.elementType.rawValue)","shape":[\#(tensor.count)],"#
      + #""data_offsets":[0,\#(bytes.count)]}}"#
    header += String(repeating: " ", count: (64 - (8 + header.utf8.count) % 64) % 64)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    do {
      try (length + Data(header.utf8) + bytes).write(to: url)
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
    defer { munmap(mapping.baseAddress, mapping.count) }
    let bytes = UnsafeRawBufferPointer(mapping)
    do throws(HeaderFault) {
      let header = try SafetensorsHeader(file: bytes)
      guard header.tensors.count == 1, let tensor = header.tensors.first, tensor.type == type.rawValue,
        tensor.shape == [count]
      else { throw HeaderFault("expected one tensor of \(count) elements of the type \(type.rawValue)") }
      let range = header.dataStart + tensor.bytes.lowerBound..<header.dataStart + tensor.bytes.upperBound
      guard let vector = StageTensor(type, count: count, littleEndian: bytes[range]) else {
        throw HeaderFault("its tensor is not \(count) elements of the type \(type.rawValue)")
      }
      return vector
    } catch {
      throw SharedFile.error(url, error.message)
    }
  }
}
