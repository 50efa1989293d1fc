/// The measured speed of a site's link to its coordinator.
public struct LinkMeasurement: Sendable, Equatable {
  /// The time for the shortest request and its reply, in seconds.
  public var roundTrip: Double
  /// Bytes per second from the coordinator to the site.
  public var download: Double
  /// Bytes per second from the site to the coordinator, within the limit of the site's policy.
  public var upload: Double

  public init(roundTrip: Double, download: Double, upload: Double) {
    self.roundTrip = roundTrip
    self.download = download
    self.upload = upload
  }

  /// The seconds that a file of `bytes` bytes takes in both directions.
  public func seconds(thereAndBack bytes: Int) -> Double {
    2 * roundTrip + Double(bytes) / max(1, download) + Double(bytes) / max(1, upload)
  }
}
