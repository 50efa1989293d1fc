extension SessionDescription: Releasable {
  /// The description that may leave the site. It omits each set with fewer patients than the minimum, and
  /// each count of records that could stand for fewer patients. Paths, facts and values of the data stay at
  /// the site.
  public func released(by rules: ReleaseRules) -> SessionDescription {
    var released = self
    released.facts = nil
    // A set of 0 patients reveals nothing about anybody, so it may leave.
    released.parts.removeAll { $0.patients > 0 && rules.release($0.patients, of: $0.members) == nil }
    let patients = isPatientPerRecord ? parts.reduce(0) { $0 + $1.patients } : nil
    released.findings = findings.map { $0.released(by: rules, ofPatients: patients) }
    return released
  }

  public func released(about isAllowed: (PatientSet) throws -> Bool) rethrows -> SessionDescription {
    var released = self
    released.parts = try parts.filter { try $0.members.map(isAllowed) ?? true }
    return released
  }

  /// The description without the sets of patients. A gate then releases no size of a set.
  public var withoutSizes: SessionDescription { withoutPatients() }

  /// Whether each record belongs to a different patient.
  private var isPatientPerRecord: Bool { parts.allSatisfy { $0.patients == $0.examples } }

  public func withoutPatients() -> SessionDescription {
    var description = self
    for index in parts.indices { description.parts[index].members = nil }
    return description
  }
}

extension DataFinding {
  /// The finding that may leave the site. A count of records is released only if it is a count of patients,
  /// and if the patients without the problem are none or enough, too.
  ///
  /// - Parameter patients: The number of all patients; `nil` if a patient can have several records.
  fileprivate func released(by rules: ReleaseRules, ofPatients patients: Int?) -> DataFinding {
    var released = self
    released.places = []
    released.values = nil
    // The number of distinct identifiers is not a count of patients.
    released.message = message.replacing(#/^[0-9]+ (of [0-9]+ )?/#, with: "some ")
    // A finding that concerns no particular record has 0 records.
    if let records, records > 0 {
      let own = patients.map { _ in PatientSet((0..<records).map(UInt64.init)) }
      let others = (patients ?? 0) - records
      released.records =
        (1..<max(1, rules.minimumPatients)).contains(others) ? nil : rules.release(records, of: own)
    }
    return released
  }
}
