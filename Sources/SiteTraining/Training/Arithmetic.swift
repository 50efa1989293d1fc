import StudyProtocol
import Torch

/// The precision of computations and the memory format in which a network is trained. They are chosen for
/// speed and recorded with the run.
struct Arithmetic {
  let device: Device
  /// Whether training computes convolutions and matrix products in bf16, with 32-bit weights (as PyTorch's
  /// autocast).
  let usesBFloat16: Bool
  let format: MemoryFormat

  /// - Parameter dimensions: the number of spatial axes of an example; 0 for a table.
  init(for study: Study, dimensions: Int, on device: Device) {
    self.device = device
    // Neither bf16 nor channels-last speeds up training on tables. For images, channels-last always does, and
    // bf16 does if the hardware can multiply in bf16.
    let isImage = dimensions > 0
    usesBFloat16 =
      switch study.training.precision {
      case .fp32: false
      case .bf16: true
      case .auto: isImage && TorchRuntime.isBFloat16Fast(on: device)
      }
    format = isImage ? .channelsLast(dimensions: dimensions) : .contiguous
  }

  /// The name of the precision of training, for records.
  var precision: String { usesBFloat16 ? "bf16" : "fp32" }

  /// The type to which training converts the inputs of convolutions and matrix products.
  var trainingType: DType { usesBFloat16 ? .bfloat16 : .float32 }
}
