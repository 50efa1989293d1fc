import FederatedCore
import Foundation

/// Parameters in a safetensors file, which PyTorch users open with `safetensors.torch.load_file`.
///
/// The tensors of the part `model`, and of a group's only part, have the plain names of PyTorch's `state_dict`; those of
/// other parts are named `part/name`. The file's metadata lists the parts and which tensors are buffers.
public enum ParameterFile {
  /// What a write must survive.
  public enum Durability: Sendable {
    /// A crash of the machine: the file and its folder are synchronised to disk.
    case durable
    /// Only a crash of this program; for files that pass between processes.
    case fast
  }

  /// Writes a group, all of it or nothing: to a temporary file beside `url`, which then takes its place.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`, with the bytes needed where the disk is full.
  public static func write(
    _ group: some ParameterGroup, to url: URL, durability: Durability = .durable
  ) throws { try write(NamedParts(group), to: url, durability: durability) }

  public static func write(_ group: NamedParts, to url: URL, durability: Durability = .durable) throws {
    throw ConsiliumError(.unavailable, "not yet")
  }

  /// Reads a model, with the layout that the file describes or, if given, exactly `layout`.
  ///
  /// The file is mapped, not read, where its values lie as 32-bit floats in the order of the layout; it must not change while
  /// the parameters live. Other floats are converted. `num_batches_tracked` and other integers of a PyTorch `state_dict` are
  /// left out. Roles come from the metadata, else from the names (`running_mean`, `running_var` are buffers).
  /// - Throws: ``ConsiliumError`` with code `.storage` that names the file and its fault.
  public static func readModel(from url: URL, layout: ParameterLayout? = nil) throws -> ModelParameters {
    throw ConsiliumError(.unavailable, "not yet")
  }

  /// Reads a group of any parts that this library wrote.
  public static func read(from url: URL) throws -> NamedParts {
    throw ConsiliumError(.unavailable, "not yet")
  }
}
