extension SessionDescription: Releasable {
  /// The description that may leave the site. It omits each set with fewer patients than the minimum, and
  /// each count of records that could stand for fewer patients. Paths, facts and values of the data stay at
  /// the site.
  public func released(by rules: ReleaseRules) -> SessionDescription {
    var released = self
    released.facts = nil
    // A set of 0 patients reveals nothing about anybody, so it may leave.
    released.parts.removeAll { $0.patients > 0 && rules.release($0.patients, of: $0.members) == nil }
    released.findings = findings.map { $0.released(by: rules, isPatientPerRecord: isPatientPerRecord) }
    return released
  }

  /// Whether each record belongs to a different patient.
  private var isPatientPerRecord: Bool { parts.allSatisfy { $0.patients == $0.examples } }

  public func withoutPatients() -> SessionDescription {
    var description = self
    for index in parts.indices { description.parts[index].members = nil }
    return description
  }
}

extension DataFinding {
  /// The finding that may leave the site. A count of records is released only if it is a count of patients.
  fileprivate func released(by rules: ReleaseRules, isPatientPerRecord: Bool) -> DataFinding {
    var released = self
    released.places = []
    released.values = nil
    // Remove a number at the start of the message: a count of identifiers is not a count of patients.
    released.message = message.replacing(#/^[0-9]+ /#, with: "some ")
    // A finding that concerns no particular record has 0 records.
    if let records, records > 0 {
      let patients = isPatientPerRecord ? PatientSet((0..<records).map(UInt64.init)) : nil
      released.records = rules.release(records, of: patients)
    }
    return released
  }
}
