/// The Dice coefficient of each class, 2|P∩T| / (|P| + |T|), of two label maps (Dice 1945).
///
/// - Parameters:
///   - prediction: the predicted class of each voxel.
///   - truth: the true class of each voxel, in the same order.
///   - classCount: the number of classes; voxels with a larger label are ignored.
///   - whenBothEmpty: the value for a class that is missing from both maps; `nil` leaves the class out.
/// - Returns: one value per class, background first.
public func diceCoefficients(
  prediction: UnsafeBufferPointer<UInt8>, truth: UnsafeBufferPointer<UInt8>, classCount: Int,
  whenBothEmpty: Double? = 1
) -> [Double?] {
  precondition(prediction.count == truth.count && (1...256).contains(classCount))
  var predicted = [Int](repeating: 0, count: 256)
  var (actual, shared) = (predicted, predicted)
  for index in 0..<truth.count {
    let (guess, label) = (Int(prediction[index]), Int(truth[index]))
    predicted[guess] += 1
    actual[label] += 1
    if guess == label { shared[label] += 1 }
  }
  return (0..<classCount).map { label in
    let total = predicted[label] + actual[label]
    return total == 0 ? whenBothEmpty : 2 * Double(shared[label]) / Double(total)
  }
}
