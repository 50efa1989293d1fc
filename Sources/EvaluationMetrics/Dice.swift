/// The Dice coefficient of each class, 2|P∩T| / (|P| + |T|), of two label maps (Dice 1945).
///
/// - Parameters:
///   - prediction: the predicted class of each voxel.
///   - truth: the true class of each voxel, in the same order.
///   - classCount: how many classes there are; a voxel with a class outside counts for none.
/// - Returns: one value a class, background first; 1 for a class that both maps lack.
public func diceCoefficients(
  prediction: UnsafeBufferPointer<UInt8>, truth: UnsafeBufferPointer<UInt8>, classCount: Int
) -> [Double] {
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
    return total == 0 ? 1 : 2 * Double(shared[label]) / Double(total)
  }
}
