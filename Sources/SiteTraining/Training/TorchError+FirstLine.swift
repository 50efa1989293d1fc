import Torch

extension TorchError {
  /// The first line of the message. libtorch adds a stack trace below it.
  var firstLine: String { message.split(separator: "\n").first.map(String.init) ?? "unknown" }
}
