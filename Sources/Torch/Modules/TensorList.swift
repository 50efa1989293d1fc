import CTorch

/// A fixed list of tensors, such as a model's parameters, with operations on the whole list in one call.
public final class TensorList {
  let handle: OpaquePointer

  private init(adopting handle: OpaquePointer) { self.handle = handle }

  /// - Throws: ``TorchError`` with code `.invalidArgument` if the list is empty.
  public convenience init(_ tensors: [Tensor]) throws(TorchError) {
    let handle = try withHandles(tensors) { handles, count throws(TorchError) in
      try adopt { ct_list_new(handles, count, $0, $1) }
    }
    self.init(adopting: handle)
  }

  deinit { ct_list_free(handle) }

  /// The number of tensors.
  public var count: Int { ct_list_count(handle) }

  /// The number of scalars of all tensors.
  public var scalarCount: Int { ct_list_scalar_count(handle) }

  /// New tensors of the same shapes, layouts and device, all zero.
  public func zerosLike() throws(TorchError) -> TensorList {
    TensorList(adopting: try adopt { ct_list_zeros_like(handle, $0, $1) })
  }

  /// A step counter for each tensor, starting at zero.
  func counters() throws(TorchError) -> TensorList {
    TensorList(adopting: try adopt { ct_list_counters(handle, $0, $1) })
  }

  /// Overwrites all tensors with values stored one tensor after another, in row-major order.
  public func load(from values: UnsafeBufferPointer<Float>) throws(TorchError) {
    try check { ct_list_load(handle, values.baseAddress, values.count, $0) }
  }

  /// Copies all tensors to memory, one after another in row-major order.
  public func export(to values: UnsafeMutableBufferPointer<Float>) throws(TorchError) {
    try check { ct_list_export(handle, values.baseAddress, values.count, $0) }
  }

  /// Clears all gradients.
  public func zeroGrad() { ct_list_zero_grad(handle) }

  /// Adds `scale` times `other` to the gradients (SCAFFOLD's correction, Karimireddy et al. 2020).
  public func addToGrad(_ other: TensorList, scaledBy scale: Double = 1) throws(TorchError) {
    try check { ct_list_add_to_grad(handle, other.handle, scale, $0) }
  }

  /// Adds µ(w − w₀) to the gradients, where w₀ is `anchor` (FedProx's proximal term, Li et al. 2020).
  public func addProximalTerm(to anchor: TensorList, strength: Double) throws(TorchError) {
    try check { ct_list_add_difference_to_grad(handle, anchor.handle, strength, $0) }
  }

  /// Scales all gradients so that their joint L2 norm is at most `limit`, as `torch.nn.utils.clip_grad_norm_`
  /// does.
  ///
  /// - Returns: the norm before scaling.
  @discardableResult
  public func clipGradNorm(to limit: Double) throws(TorchError) -> Double {
    var norm = 0.0
    try check { ct_list_clip_grad(handle, limit, &norm, $0) }
    return norm
  }

  /// The L2 norm of each gradient; negative for a tensor without a gradient.
  public func gradNorms() throws(TorchError) -> [Float] {
    var norms = [Float](repeating: 0, count: count)
    try check { ct_list_grad_norms(handle, &norms, $0) }
    return norms
  }

  /// Multiplies all gradients by `scale`.
  public func scaleGrad(by scale: Double) throws(TorchError) {
    try check { ct_list_scale_grad(handle, scale, $0) }
  }

  /// The factor by which ``clipGradNorm(to:)`` would scale the gradients of one list, to the last bit, if their
  /// norms are `norms`; at most 1.
  ///
  /// Used if the list is divided between processes.
  /// - Parameter norms: The result of ``gradNorms()``, in the order of the whole list.
  public static func clipScale(_ norms: [Float], to limit: Double, on device: Device) throws(TorchError)
    -> Double
  {
    var norm = 0.0
    try check { ct_joint_norm(norms, norms.count, device.shim, &norm, $0) }
    let scale = limit / (norm + 1e-6)
    return scale < 1 ? scale : 1
  }
}
