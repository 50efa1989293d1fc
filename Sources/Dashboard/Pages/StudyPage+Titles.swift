import FederatedCore
import Reporting

extension StudyPage {
  /// The site's full name if it is known, otherwise its code.
  func title(of site: SiteID) -> String {
    agreement.first { $0.site == site }?.title
      ?? readiness.first { $0.site == site }?.title
      ?? curves.lazy.flatMap(\.sites).first { $0.site == site }?.title ?? site.rawValue
  }

  /// The title of a model: `FedAvg` for `fedavg`, `Local: Duke University` for `local DU`.
  func title(ofModel name: String) -> String { ArmTitle.text(name) { title(of: SiteID($0)) } }
}
