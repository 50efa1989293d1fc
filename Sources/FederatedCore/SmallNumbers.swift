/// The minimum numbers of units (patients) for a conclusion. They are defined in one place so that the checks
/// before a run, the run and its report agree.
public enum SmallNumbers {
  /// The minimum number of units for a confidence interval. A bootstrap of four units has only 35 different
  /// resamples, and its 95 % interval contains the true mean in far fewer than 95 % of repetitions.
  public static let interval = 5

  /// The minimum number of units of each class for an interval of an area under the ROC curve, and of units
  /// with the event for an interval of a C-index. The number of these units decides how precise the value is
  /// (Hanley & McNeil 1982). In simulations with twenty units and a true area of 0.75, the bootstrap's 95 %
  /// interval should have contained that area in 95 % of repetitions. It did so in 38 % with one unit of the
  /// rarer class, in 76 % with two, in 85 % with three and in 89 % with five. The interval of a C-index
  /// contained the true value of 0.75 in 72 % with two events, in 82 % with three and in 89 % with five.
  public static let cases = 5

  /// The minimum number of validation units, at all sites together, for a choice between rounds. The standard
  /// error of a share or of a mean score between 0 and 1 is at most 0.5 / √n: 0.05 with a hundred units, 0.16
  /// with ten. The scores of rounds usually differ by less.
  public static let selection = 100

  /// The minimum number of units of each class for an area under the ROC curve. With fewer, its standard
  /// error exceeds about 0.1 for a model of AUC 0.75 (Hanley & McNeil 1982).
  public static let perClass = 10

  /// The minimum number of test units for a useful interval. The half-width of a proportion's interval is
  /// then about 0.2.
  public static let test = 20

  /// The largest possible standard error of a mean of `count` scores between 0 and 1, if the mean is `score`:
  /// √(s(1 − s) / n). It is reached if every unit scores 0 or 1.
  public static func standardError(ofScore score: Double, count: Int) -> Double {
    guard count > 0, score.isFinite else { return .infinity }
    let bounded = min(max(score, 0), 1)
    return (bounded * (1 - bounded) / Double(count)).squareRoot()
  }
}
