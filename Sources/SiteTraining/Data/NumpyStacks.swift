import FederatedCore
import MedicalImaging
import Synchronization

/// The arrays of npz files. An array of many images is decoded only once.
final class NumpyStacks: Sendable {
  /// The instance that all sessions of the process share, since several sites may read the same archives.
  static let shared = NumpyStacks()

  private let arrays = Mutex<[String: NumpyArray]>([:])

  func image(_ index: Int, ofArray name: String, inFile file: String) throws(ImageError) -> Volume {
    try array(name, file).part(index).volume()
  }

  private func array(_ name: String, _ file: String) throws(ImageError) -> NumpyArray {
    let key = "\(file)|\(name)"
    if let array = arrays.withLock({ $0[key] }) { return array }
    let array = try NumpyArchive(path: file).array(name)
    arrays.withLock { $0[key] = array }
    return array
  }
}
