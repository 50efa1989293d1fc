/// Formats units of measurement after a number: `1 year`, `120 years`, `120 mg/dL`.
public enum UnitText {
  private static let words: Set = ["second", "minute", "hour", "day", "week", "month", "year"]

  /// The unit, in the plural if it is an English word of time and the number is not 1.
  public static func after(_ number: Double, _ unit: String) -> String {
    words.contains(unit) && number != 1 ? unit + "s" : unit
  }
}
