/// Memory for large new vectors, in place of the process's own.
public protocol VectorMemory: AnyObject, Sendable {
  /// Memory of so many bytes with unknown contents, at the start of a page; `nil` if there is none to be had.
  func take(_ size: Int) -> UnsafeMutableRawBufferPointer?

  /// Takes back memory that nobody uses any more.
  func giveBack(_ memory: UnsafeMutableRawBufferPointer)
}
