/// The fewest units (patients) from which the project draws a conclusion; one place, so that the checks before a run, the run
/// and its report agree.
public enum SmallNumbers {
  /// An interval needs five units. A bootstrap of four draws from 35 different resamples only, and its 95 % interval
  /// holds the true mean in far fewer than 95 % of repetitions.
  public static let interval = 5

  /// A choice among rounds needs a hundred validation units over all sites. The standard error of a share or of a mean
  /// score between 0 and 1 is at most 0.5 / √n: 0.05 with a hundred, 0.16 with ten. Rounds differ by less than that.
  public static let selection = 100

  /// An area under the ROC curve needs ten units of each class. With fewer, its standard error exceeds about 0.1 for a
  /// model of AUC 0.75 (Hanley & McNeil 1982).
  public static let perClass = 10

  /// A test part needs twenty units for an interval that is of use: its half width is then about 0.2 for a share.
  public static let test = 20

  /// The most that the mean of `count` scores between 0 and 1, the mean being `score`, can be off by: its largest
  /// standard error, √(s(1 − s) / n). A bounded score varies most if every unit has 0 or 1.
  public static func standardError(ofScore score: Double, count: Int) -> Double {
    guard count > 0, score.isFinite else { return .infinity }
    let bounded = min(max(score, 0), 1)
    return (bounded * (1 - bounded) / Double(count)).squareRoot()
  }
}
