import Reporting

/// A page of the dashboard, without the frame that all pages have.
protocol Page {
  var title: String { get }
  /// The address that the navigation marks as the current one.
  var place: String? { get }
  /// The change after which the page updates itself, as ``EventStream`` writes it. `all` means any change;
  /// `nil` means that the page never updates itself.
  var topic: String? { get }
  @MarkupBuilder var content: Markup { get }
}

extension Page {
  var place: String? { nil }
  var topic: String? { nil }
}
