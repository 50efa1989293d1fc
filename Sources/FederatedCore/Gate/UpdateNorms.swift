/// Notes the lengths of a site's updates, so that an unusual one is noticed.
///
/// A coordinator can craft a model for which the gradient of one patient is far larger than all others. The
/// update then often has another length than the site's earlier ones. A warning is no protection: a careful
/// coordinator keeps the length, and only differential privacy bounds what an update tells about a patient.
public protocol UpdateNorms: Sendable {
  /// Notes the L2 norm over all values of an update, before any mechanism changes it.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`; the update then stays at the site.
  func note(_ norm: Double, in context: SiteContext) async throws
}
