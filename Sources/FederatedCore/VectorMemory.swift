/// Memory for large new vectors, used instead of the heap.
public protocol VectorMemory: AnyObject, Sendable {
  /// Memory of `size` bytes with unknown contents, at the start of a page; `nil` if none is available.
  func take(_ size: Int) -> UnsafeMutableRawBufferPointer?

  /// Takes back memory that is no longer in use.
  func giveBack(_ memory: UnsafeMutableRawBufferPointer)
}
