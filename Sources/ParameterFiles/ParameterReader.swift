import FederatedCore
import Foundation

/// Reads the parts of one safetensors file.
struct ParameterReader: ~Copyable {
  let partNames: [String]
  private let file: SharedFile
  private let header: SafetensorsHeader
  /// The names of the tensors that are buffers, if the file states them.
  private let buffers: Set<String>?

  private static var mostParts: Int { 64 }

  private init(
    file: SharedFile, description: (SafetensorsHeader, partNames: [String], buffers: Set<String>?)
  ) {
    self.file = file
    (header, partNames, buffers) = description
  }

  static func open(_ url: URL, isTemporary: Bool = false) throws(ConsiliumError) -> ParameterReader {
    let file = try SharedFile(url, isTemporary: isTemporary)
    let description = try describe(file)
    return ParameterReader(file: file, description: description)
  }

  private static func describe(_ file: SharedFile) throws(ConsiliumError)
    -> (SafetensorsHeader, partNames: [String], buffers: Set<String>?)
  {
    let mapping = try file.map()
    defer { munmap(mapping.baseAddress, mapping.count) }
    do throws(HeaderFault) {
      let header = try SafetensorsHeader(file: UnsafeRawBufferPointer(mapping))
      let names = try list(header.metadata[ParameterFile.partsKey], ParameterFile.partsKey)
      let buffers = try list(header.metadata[ParameterFile.buffersKey], ParameterFile.buffersKey)
      // Limit the number of parts, since each tensor is compared with each part.
      guard names?.count ?? 0 <= Self.mostParts else {
        throw HeaderFault("its metadata names more than \(Self.mostParts) parts")
      }
      guard Set(names ?? []).count == names?.count ?? 0 else {
        throw HeaderFault("its metadata names a part twice")
      }
      return (header, names ?? ModelParameters.partNames, buffers.map(Set.init))
    } catch {
      throw SharedFile.error(file.url, error.message)
    }
  }

  private static func list(_ text: String?, _ key: String) throws(HeaderFault) -> [String]? {
    guard let text else { return nil }
    guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
      throw HeaderFault("its metadata '\(key)' is not a JSON array of texts")
    }
    return list
  }

  /// Reads one part. If `layout` is given, the part must match it exactly.
  func part(_ name: String, layout: ParameterLayout?) throws(ConsiliumError) -> ModelParameters {
    guard partNames.contains(name) else {
      throw SharedFile.error(file.url, "it has no part '\(name)', only \(partNames.joined(separator: ", "))")
    }
    let found = try tensors(of: name)
    let layout = layout ?? describedLayout(found)
    let ordered = try match(found, to: layout)
    return ModelParameters(layout: layout, buffer: try buffer(ordered, count: layout.count))
  }

  private typealias Found = (name: String, tensor: SafetensorsHeader.Tensor)

  /// The part's tensors with their names within the part. Throws if a tensor is not of a floating-point type.
  private func tensors(of part: String) throws(ConsiliumError) -> [Found] {
    let prefix = ParameterFile.tensorName("", part: part)
    let others = partNames.filter { $0 != part }.map { ParameterFile.tensorName("", part: $0) }
    var found: [Found] = []
    for tensor in header.tensors {
      guard tensor.name.hasPrefix(prefix),
        !others.contains(where: { $0.count > prefix.count && tensor.name.hasPrefix($0) }),
        !tensor.name.hasSuffix("num_batches_tracked")
      else { continue }
      guard FloatFormat(tensor.type) != nil else {
        throw SharedFile.error(
          file.url, "tensor '\(tensor.name)' has type \(tensor.type); expected F32, F16, BF16 or F64")
      }
      found.append((String(tensor.name.dropFirst(prefix.count)), tensor))
    }
    return found
  }

  private func describedLayout(_ found: [Found]) -> ParameterLayout {
    ParameterLayout(
      entries: found.map { name, tensor in
        let isBuffer =
          buffers?.contains(tensor.name)
          ?? (name.hasSuffix("running_mean") || name.hasSuffix("running_var"))
        return .init(name: name, shape: tensor.shape, role: isBuffer ? .buffer : .trainable)
      })
  }

  private func match(_ found: [Found], to layout: ParameterLayout) throws(ConsiliumError)
    -> [SafetensorsHeader.Tensor]
  {
    var rest = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.tensor) })
    var ordered: [SafetensorsHeader.Tensor] = []
    for entry in layout.entries {
      guard let tensor = rest.removeValue(forKey: entry.name) else {
        throw SharedFile.error(file.url, "it lacks tensor '\(entry.name)' of shape \(entry.shape)")
      }
      guard tensor.shape == entry.shape else {
        throw SharedFile.error(
          file.url, "tensor '\(entry.name)' has shape \(tensor.shape); expected \(entry.shape)")
      }
      ordered.append(tensor)
    }
    if let stranger = rest.keys.min() {
      throw SharedFile.error(file.url, "it has a tensor '\(stranger)' that the model does not have")
    }
    return ordered
  }

  /// The values of `tensors`, one after another. If the file stores them in this order as 32-bit floats, they
  /// are mapped from the file; otherwise they are copied and converted.
  private func buffer(_ tensors: [SafetensorsHeader.Tensor], count: Int) throws(ConsiliumError)
    -> ParameterBuffer
  {
    let start = header.dataStart + (tensors.first?.bytes.lowerBound ?? 0)
    let follow = zip(tensors, tensors.dropFirst()).allSatisfy { $0.bytes.upperBound == $1.bytes.lowerBound }
    if count > 0, follow, start.isMultiple(of: 4), tensors.allSatisfy({ $0.type == "F32" }) {
      return ParameterBuffer(adoptingMapping: try file.map(), offset: start, count: count, source: file)
    }
    let mapping = try file.map()
    defer { munmap(mapping.baseAddress, mapping.count) }
    let data = UnsafeRawBufferPointer(rebasing: mapping[header.dataStart...])
    return ParameterBuffer(unsafeUninitializedCount: count) { values in
      var filled = 0
      for tensor in tensors {
        let target = UnsafeMutableBufferPointer(rebasing: values[filled..<filled + tensor.count])
        FloatFormat(tensor.type)?.convert(UnsafeRawBufferPointer(rebasing: data[tensor.bytes]), to: target)
        filled += tensor.count
      }
    }
  }
}
