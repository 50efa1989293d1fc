import FederatedCore
import Foundation
import Synchronization

/// A folder in whose file system large new vectors lie, as files without a name.
///
/// The memory of some that are done with is kept for the next of their size: each round needs the same again, and new pages and blocks
/// for it cost more than the sums.
public final class ParameterSpool: VectorMemory {
  /// The mean of a round and the model that comes of it.
  private static let most = 2

  private let folder: String
  private let spares = Mutex<[Mapping]>([])

  /// The addresses of a mapping that nobody uses, which makes it safe to hand on.
  private struct Mapping: @unchecked Sendable { let bytes: UnsafeMutableRawBufferPointer }

  public init(folder: String) { self.folder = folder }

  deinit {
    for spare in spares.withLock({ $0 }) { munmap(spare.bytes.baseAddress!, spare.bytes.count) }
  }

  /// A mapping of so many bytes with unknown content; nil where the disk has no room for it.
  public func take(_ size: Int) -> UnsafeMutableRawBufferPointer? {
    let spare = spares.withLock { spares in
      spares.firstIndex { $0.bytes.count == size }.map { spares.remove(at: $0) }
    }
    return spare?.bytes ?? mapFile(size)
  }

  /// Takes a mapping back that nobody uses any more.
  public func giveBack(_ mapping: UnsafeMutableRawBufferPointer) {
    let spare = Mapping(bytes: mapping)
    let surplus = spares.withLock { spares in
      spares.append(spare)
      return spares.count > Self.most ? spares.removeFirst() : nil
    }
    if let surplus { munmap(surplus.bytes.baseAddress!, surplus.bytes.count) }
  }

  /// A mapping of a new file that nobody else sees and that goes with it.
  private func mapFile(_ size: Int) -> UnsafeMutableRawBufferPointer? {
    #if os(Linux)
      var path = Array("\(folder)/.spool-XXXXXX".utf8CString)
      let descriptor = mkstemp(&path)
      guard descriptor >= 0 else { return nil }
      unlink(path)
      defer { close(descriptor) }
      // Space that is not there must be missed now: a write to the mapping could not say so.
      guard posix_fallocate(descriptor, 0, off_t(size)) == 0 else { return nil }
      let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
      guard let address, address != MAP_FAILED else { return nil }
      return UnsafeMutableRawBufferPointer(start: address, count: size)
    #else
      return nil
    #endif
  }
}
