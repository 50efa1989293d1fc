import FederatedCore

/// The examples of one data session, by patient and by set (training, validation or test).
///
/// A session holds one site's data, or the data of several sites for the pooled baseline.
struct SessionData: Sendable {
  /// A patient, or another group of records that the study keeps together.
  struct Patient: Sendable {
    var site: SiteID
    var part: DataPart
    /// The indices of the patient's examples; one range per record (a volume's slices, an image, a table
    /// row).
    var records: [Range<Int>]
    /// The patient's hash for a `PatientSet`; `nil` if the session was opened without a salt.
    var hash: UInt64?

    var examples: [Int] { records.flatMap { Array($0) } }
    var exampleCount: Int { records.reduce(0) { $0 + $1.count } }
  }

  let source: any ExampleSource
  /// The patients, site after site. The patients of a site are in the order of its records.
  let patients: [Patient]

  func patients(in part: DataPart) -> [Patient] { patients.filter { $0.part == part } }

  /// The indices of a set's examples, in order.
  func examples(in part: DataPart) -> [Int] { patients(in: part).flatMap(\.examples) }

  /// The set of the hashes of these patients; `nil` if there are no patients, or if one of them has no hash.
  static func set(_ patients: some Collection<Patient>) -> PatientSet? {
    let hashes = patients.compactMap(\.hash)
    return hashes.isEmpty || hashes.count < patients.count ? nil : PatientSet(hashes)
  }

  /// The hashes of the patients to count in statistics. For each patient, also the index of the set
  /// (training, validation or test).
  ///
  /// A readiness report withholds the size of a set with fewer patients than `minimum`. Here, the patients of
  /// all such sets have the same index. They are left out if together they are fewer than `minimum`:
  /// otherwise, the total would reveal how many they are.
  func counted(minimum: Int) -> (members: [UInt64], parts: [Int]) {
    let told = DataPart.allCases.filter { patients(in: $0).count >= minimum }
    let areOthersCounted = patients.count { !told.contains($0.part) } >= minimum
    var members: [UInt64] = []
    var parts: [Int] = []
    for patient in patients {
      let part = told.firstIndex(of: patient.part) ?? told.count
      guard let hash = patient.hash, part < told.count || areOthersCounted else { continue }
      members.append(hash)
      parts.append(part)
    }
    return (members, parts)
  }

  var description: [SessionDescription.Part] {
    DataPart.allCases.map {
      .init(
        part: $0, patients: patients(in: $0).count, examples: examples(in: $0).count,
        members: Self.set(patients(in: $0)))
    }
  }
}
