import FederatedCore

extension SessionData {
  /// For each class, the training patients who have an example of it.
  func trainingClasses(_ classCount: Int) throws -> [[Patient]] {
    var classes = [[Patient]](repeating: [], count: classCount)
    for patient in patients(in: .training) {
      let own = try source.classCounts(of: patient.examples, classCount: classCount)
      for label in classes.indices where own[label] > 0 { classes[label].append(patient) }
    }
    return classes
  }

  /// For each training example, by its index, the hash of its patient; `nil` if the session was opened
  /// without a salt.
  var trainingHashes: [Int: UInt64]? {
    var hashes: [Int: UInt64] = [:]
    for patient in patients(in: .training) {
      guard let hash = patient.hash else { return nil }
      for example in patient.examples { hashes[example] = hash }
    }
    return hashes
  }
}
