import Hummingbird
import NIOCore

/// The data that accompany a request through the dashboard.
struct DashboardContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  var caller = Caller()

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The maximum size of a form in bytes; none is longer.
  var maxUploadSize: Int { 16 * 1024 }

  /// The address from which the request came, without its port.
  var address: String { channel.remoteAddress?.ipAddress ?? "unknown" }
}
