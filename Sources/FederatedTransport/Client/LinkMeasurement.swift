/// The measured speed of a site's link to its coordinator.
public struct LinkMeasurement: Sendable, Equatable {
  /// The time for the shortest request and its reply, in seconds.
  public var roundTrip: Double
  /// The speed from the coordinator to the site, in bytes per second.
  public var download: Double
  /// The speed from the site to the coordinator, in bytes per second. The site's policy may limit this speed.
  public var upload: Double

  public init(roundTrip: Double, download: Double, upload: Double) {
    self.roundTrip = roundTrip
    self.download = download
    self.upload = upload
  }

  /// The time, in seconds, to transfer a file of `bytes` bytes in both directions.
  public func seconds(thereAndBack bytes: Int) -> Double {
    2 * roundTrip + Double(bytes) / max(1, download) + Double(bytes) / max(1, upload)
  }
}
