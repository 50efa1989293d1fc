/// The unit that a study counts, tests and resamples: the patient, lesion or other thing by which the study
/// groups its records. In a study without groups, the unit is a record, such as an image.
public struct UnitOfAnalysis: Sendable, Codable, Equatable {
  /// The noun in the singular, for example `patient`.
  public var singular: String
  /// The noun in the plural, for example `patients`.
  public var plural: String

  public init(singular: String, plural: String) {
    self.singular = singular
    self.plural = plural
  }

  public static let patient = UnitOfAnalysis(singular: "patient", plural: "patients")
  public static let image = UnitOfAnalysis(singular: "image", plural: "images")
  public static let volume = UnitOfAnalysis(singular: "volume", plural: "volumes")
  public static let record = UnitOfAnalysis(singular: "record", plural: "records")

  /// A number with the noun: `1 patient`, `20 patients`.
  public func count(_ number: Int) -> String { "\(number) \(noun(number))" }

  /// The noun for a number: `patient` for 1, otherwise `patients`.
  public func noun(_ number: Int) -> String { number == 1 ? singular : plural }
}

extension UnitOfAnalysis {
  /// Creates the unit from the name of an identifier element: `patient` for `patient-id`, `lesion` for
  /// `Lesion_ID`.
  public init(namedByElement name: String) {
    let words = name.lowercased().split { !$0.isLetter }.map(String.init)
    var kept = words
    while kept.count > 1, let last = kept.last, Self.identifierWords.contains(last) { kept.removeLast() }
    if words.contains(where: Self.patientWords.contains) {
      self = .patient
    } else {
      let noun = kept.joined(separator: " ")
      self = noun.isEmpty ? UnitOfAnalysis(singular: "group", plural: "groups") : Self(noun: noun)
    }
  }

  private static let identifierWords: Set<String> = [
    "id", "ids", "identifier", "number", "nr", "no", "code", "key", "uid", "pseudonym", "name",
  ]
  private static let patientWords: Set<String> = [
    "patient", "patients", "patientid", "patientidentifier", "patientnumber", "pat", "patid", "pid", "mrn",
  ]

  private init(noun: String) {
    let endings = ["s", "x", "z", "ch", "sh"]
    if endings.contains(where: noun.hasSuffix) {
      self.init(singular: noun, plural: noun + "es")
    } else if noun.hasSuffix("y"), let before = noun.dropLast().last, !"aeiou".contains(before) {
      self.init(singular: noun, plural: noun.dropLast() + "ies")
    } else {
      self.init(singular: noun, plural: noun + "s")
    }
  }
}
