import FederatedCore
import Foundation

/// Parameters in a safetensors file, which PyTorch users open with `safetensors.torch.load_file`.
///
/// The tensors of the part `model` have the plain names of PyTorch's `state_dict`; the tensors of any other
/// part are named `part/name`. The file's metadata lists the parts (`consilium.parts`) and the tensors that
/// are buffers (`consilium.buffers`), each as a JSON array.
public enum ParameterFile {
  /// The kind of crash that a written file must survive.
  public enum Durability: Sendable {
    /// The file survives a crash of the machine: it and its folder are synchronised to disk.
    case durable
    /// The file survives a crash of this program, but not of the machine. For files that one process hands to
    /// another.
    case fast
  }

  static let partsKey = "consilium.parts"
  static let buffersKey = "consilium.buffers"

  /// The tensor's name in the file.
  static func tensorName(_ name: String, part: String) -> String {
    part == ModelParameters.partNames[0] ? name : part + "/" + name
  }

  /// Writes a group of parameters completely or not at all. The group is first written to a temporary file,
  /// which then replaces the file at `url`.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`, with the bytes needed if the disk is full.
  public static func write(
    _ group: some ParameterGroup, to url: URL, durability: Durability = .durable
  ) throws(ConsiliumError) {
    try write(NamedParts(group), to: url, durability: durability)
  }

  public static func write(_ group: NamedParts, to url: URL, durability: Durability = .durable)
    throws(ConsiliumError)
  {
    try write(group, header: safetensorsHeader(of: group), to: url, durability: durability)
  }

  /// Writes a group like ``write(_:to:durability:)``, overwriting a spare file if one is available.
  package static func write(_ group: NamedParts, to url: URL, over spares: SpareFiles) throws(ConsiliumError)
  {
    try write(group, header: safetensorsHeader(of: group), to: url, durability: .durable, over: spares)
  }

  /// Writes a group like ``write(_:to:durability:)``. If the parameters come from a file, `url` becomes a
  /// further name of that file instead.
  ///
  /// Use this only for files that nobody changes in place, and therefore not for files that are handed to
  /// users.
  public static func share(
    _ group: some ParameterGroup, to url: URL, durability: Durability = .durable
  ) throws(ConsiliumError) {
    try share(NamedParts(group), to: url, durability: durability)
  }

  public static func share(_ group: NamedParts, to url: URL, durability: Durability = .durable)
    throws(ConsiliumError)
  {
    let header = safetensorsHeader(of: group)
    if group.parts.count == 1, let file = group.parts[0].buffer.source as? SharedFile,
      file.count == header.count + 4 * group.parts[0].count, file.begins(with: header)
    {
      if try AtomicFile.link(file, to: url, durability: durability) { return }
    }
    try write(group, header: header, to: url, durability: durability)
  }

  private static func write(
    _ group: NamedParts, header: Data, to url: URL, durability: Durability, over spares: SpareFiles? = nil
  ) throws(ConsiliumError) {
    let size = group.parts.reduce(header.count) { $0 + 4 * $1.count }
    try AtomicFile.write(to: url, size: size, durability: durability, over: spares) {
      (file) throws(ConsiliumError) in
      try file.append(header)
      for part in group.parts {
        try part.buffer.withUnsafeValues { (values) throws(ConsiliumError) in
          try file.append(UnsafeRawBufferPointer(values))
        }
      }
    }
  }

  /// Reads a model. If `layout` is given, the file must match it exactly; otherwise the file determines the
  /// layout.
  ///
  /// The file is mapped instead of read if its values are 32-bit floats in the order of the layout. It must
  /// then not change while the parameters exist. Other floats are converted. The tensors
  /// `num_batches_tracked` of a PyTorch `state_dict` are left out.
  ///
  /// The tensors' roles come from `layout` or, without it, from the metadata. If neither states them,
  /// `running_mean` and `running_var` are buffers.
  /// - Parameter isTemporary: whether the file is removed afterwards. A mapped file is removed with the last
  ///   copy of the parameters, any other file at once.
  /// - Throws: ``ConsiliumError`` with code `.storage`, naming the file and the problem.
  public static func readModel(
    from url: URL, layout: ParameterLayout? = nil, isTemporary: Bool = false
  ) throws(ConsiliumError) -> ModelParameters {
    let reader = try ParameterReader.open(url, isTemporary: isTemporary)
    return try reader.part(ModelParameters.partNames[0], layout: layout)
  }

  /// Reads all parts of a file. A file written by a different program has the single part `model`.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`, naming the file and the problem.
  public static func read(from url: URL) throws(ConsiliumError) -> NamedParts {
    let reader = try ParameterReader.open(url)
    var parts: [ModelParameters] = []
    for name in reader.partNames { parts.append(try reader.part(name, layout: nil)) }
    return NamedParts(names: reader.partNames, parts: parts)
  }
}
