import FederatedCore
import Foundation
import Synchronization

/// Backs large vectors with unnamed memory-mapped files in a folder.
///
/// Keeps a few released mappings for later vectors of the same size. Each round needs the same sizes again,
/// and allocating pages and disk blocks takes longer than the arithmetic on them.
public final class ParameterSpool: VectorMemory {
  /// The maximum number of mappings that are kept: two, for the mean of a round's updates and the model
  /// computed from it.
  private static let most = 2

  private let folder: String
  private let spares = Mutex<[Mapping]>([])

  /// The addresses of an unused mapping, in a form that can be passed between threads.
  private struct Mapping: @unchecked Sendable { let bytes: UnsafeMutableRawBufferPointer }

  public init(folder: String) { self.folder = folder }

  deinit {
    for spare in spares.withLock({ $0 }) { munmap(spare.bytes.baseAddress!, spare.bytes.count) }
  }

  /// A mapping of this many bytes with undefined contents; `nil` if there is not enough disk space.
  public func take(_ size: Int) -> UnsafeMutableRawBufferPointer? {
    let spare = spares.withLock { spares in
      spares.firstIndex { $0.bytes.count == size }.map { spares.remove(at: $0) }
    }
    return spare?.bytes ?? mapFile(size)
  }

  /// Takes back a mapping that is no longer used.
  public func giveBack(_ mapping: UnsafeMutableRawBufferPointer) {
    let spare = Mapping(bytes: mapping)
    let surplus = spares.withLock { spares in
      spares.append(spare)
      return spares.count > Self.most ? spares.removeFirst() : nil
    }
    if let surplus { munmap(surplus.bytes.baseAddress!, surplus.bytes.count) }
  }

  /// Maps a new file that nobody else can see and that is removed with the mapping.
  private func mapFile(_ size: Int) -> UnsafeMutableRawBufferPointer? {
    #if os(Linux)
      var path = Array("\(folder)/.spool-XXXXXX".utf8CString)
      let descriptor = mkstemp(&path)
      guard descriptor >= 0 else { return nil }
      unlink(path)
      defer { close(descriptor) }
      // Reserve the space now. Running out of disk during a write to the mapping would raise SIGBUS.
      guard posix_fallocate(descriptor, 0, off_t(size)) == 0 else { return nil }
      let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
      guard let address, address != MAP_FAILED else { return nil }
      return UnsafeMutableRawBufferPointer(start: address, count: size)
    #else
      return nil
    #endif
  }
}
